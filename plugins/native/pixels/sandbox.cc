#include "pixels/sandbox.h"

#include <array>
#include <cerrno>
#include <memory>
#include <stdexcept>
#include <string>

#include <sched.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>

namespace orthanc_images::pixels {

namespace {

// What computing takes. Everything else fails with EPERM.
constexpr std::array ALLOWED = {
    SCMP_SYS(brk),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(close),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    SCMP_SYS(futex),
    SCMP_SYS(getpid),
    SCMP_SYS(getrandom),
    SCMP_SYS(gettid),
    SCMP_SYS(lseek),
    SCMP_SYS(madvise),
    SCMP_SYS(mmap),
    SCMP_SYS(mprotect),
    SCMP_SYS(mremap),
    SCMP_SYS(munmap),
    SCMP_SYS(recvmsg),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rseq),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sched_yield),
    SCMP_SYS(sendmsg),
    SCMP_SYS(set_robust_list),
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    // A sanitizer asks a pipe whether memory can be read, and looks at each thread's stack.
    SCMP_SYS(fcntl),
    SCMP_SYS(pipe2),
    SCMP_SYS(prctl),
    SCMP_SYS(prlimit64),
    SCMP_SYS(read),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(write),
#endif
};

// What nobody calls by mistake.
constexpr std::array DEADLY = {
    SCMP_SYS(connect), SCMP_SYS(execve),           SCMP_SYS(execveat),
    SCMP_SYS(fork),    SCMP_SYS(process_vm_readv), SCMP_SYS(process_vm_writev),
    SCMP_SYS(ptrace),  SCMP_SYS(socket),           SCMP_SYS(vfork),
    SCMP_SYS(kill),    SCMP_SYS(pidfd_open),       SCMP_SYS(io_uring_setup),
};

void limit(__rlimit_resource resource, rlim_t value, const char *name) {
    const rlimit both{.rlim_cur = value, .rlim_max = value};
    if (setrlimit(resource, &both) != 0) {
        throw std::runtime_error(std::string("the limit ") + name + " cannot be set");
    }
}

struct Release {
    void operator()(void *filter) const noexcept {
        seccomp_release(filter);
    }
};

} // namespace

void enter_sandbox() {
    limit(RLIMIT_CORE, 0, "RLIMIT_CORE");
    limit(RLIMIT_FSIZE, 0, "RLIMIT_FSIZE");
    limit(RLIMIT_NOFILE, 16, "RLIMIT_NOFILE");
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        throw std::runtime_error("new privileges cannot be given up");
    }
    const std::unique_ptr<void, Release> filter(seccomp_init(SCMP_ACT_ERRNO(EPERM)));
    if (filter == nullptr) {
        throw std::runtime_error("there is no memory for a filter of system calls");
    }
    for (const int call : ALLOWED) {
        if (seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, call, 0) != 0) {
            throw std::runtime_error("a system call cannot be allowed");
        }
    }
    // Threads, but no processes. A filter cannot look at what clone3 is asked for: glibc asks clone, then.
    constexpr scmp_datum_t flags = CLONE_VM | CLONE_THREAD;
    const scmp_arg_cmp thread{.arg = 0, .op = SCMP_CMP_MASKED_EQ, .datum_a = flags, .datum_b = flags};
    const scmp_arg_cmp process{.arg = 0, .op = SCMP_CMP_MASKED_EQ, .datum_a = CLONE_THREAD, .datum_b = 0};
    if (seccomp_rule_add_array(filter.get(), SCMP_ACT_ALLOW, SCMP_SYS(clone), 1, &thread) != 0 ||
        seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) != 0) {
        throw std::runtime_error("a system call cannot be allowed");
    }
    seccomp_rule_add_array(filter.get(), SCMP_ACT_KILL_PROCESS, SCMP_SYS(clone), 1, &process);
    for (const int call : DEADLY) {
        // Some do not exist on every architecture, which is as good.
        seccomp_rule_add(filter.get(), SCMP_ACT_KILL_PROCESS, call, 0);
    }
    if (seccomp_load(filter.get()) != 0) {
        throw std::runtime_error("the kernel takes no filter of system calls");
    }
}

} // namespace orthanc_images::pixels
