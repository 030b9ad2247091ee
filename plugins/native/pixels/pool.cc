#include "pixels/pool.h"

#include "framework/threads.h"
#include "pixels/refusal.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace orthanc_images::pixels {

namespace {

constexpr std::uint64_t MEGABYTE = 1U << 20U;

// Memory of a worker that is kept from one request to the next.
constexpr std::size_t KEPT = 64 * MEGABYTE;

// Beyond that, threads wait for each other more than they do.
constexpr std::size_t MOST_THREADS = 8;

// Address space of a thread of a worker: its stack.
constexpr std::uint64_t THREAD = 16 * MEGABYTE;

// After this time without work, nothing is kept.
constexpr std::chrono::seconds REST(1);

// Sanitizers take more address space than they are given.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool LIMITED = false;
#else
constexpr bool LIMITED = true;
#endif

// What a start may take: a machine may be busy.
constexpr int START = 30'000;

std::uint64_t address_space(pid_t process) {
    std::ifstream file("/proc/" + std::to_string(process) + "/statm");
    std::uint64_t pages = 0;
    file >> pages;
    return pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

std::string size_text(std::uint64_t bytes) {
    return std::to_string((bytes + MEGABYTE - 1) / MEGABYTE) + " MiB";
}

} // namespace

// A process, which ends with the value.
class Worker {
  public:
    explicit Worker(const Limits &limits) : limits_(limits) {
        std::array<int, 2> ends{};
        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
            throw Refusal(std::string("there is no socket for a worker: ") + strerrorname_np(errno));
        }
        socket_ = ends[0];
        start(ends[1]);
        close(ends[1]);
        Result ready;
        const bool there = process_ >= 0 && receive(socket_, ready, nullptr, START) == Received::MESSAGE;
        if (!there || ready.refused) {
            stop();
            throw Refusal("no worker can be started: " +
                          (there ? get_text(ready.reason) : limits_.program + " does not run"));
        }
        base_ = address_space(process_);
    }

    Worker(const Worker &) = delete;
    Worker &operator=(const Worker &) = delete;

    ~Worker() {
        stop();
    }

    std::chrono::steady_clock::time_point last_use() const noexcept {
        return last_use_;
    }

    // A Refusal of what it was asked leaves it whole; after any other one it is of no use.
    bool is_whole() const noexcept {
        return whole_;
    }

    // Tells whether it still waits: the socket of one that has ended is closed.
    bool waits() const noexcept {
        pollfd socket{.fd = socket_, .events = POLLIN, .revents = 0};
        return poll(&socket, 1, 0) == 0;
    }

    // Gives back the memory that it shares with the server. It gives back its own by itself.
    void rest() noexcept {
        if (!std::exchange(rested_, true)) {
            input_.forget();
            output_.forget();
        }
    }

    void run(Assignment request, std::uint32_t threads,
             const std::function<void(std::span<std::uint8_t>)> &fill,
             const std::function<void(const Result &, std::span<const std::uint8_t>)> &take) {
        rested_ = false;
        if (request.size > limits_.memory) {
            throw Refusal("the file has " + size_text(request.size) + ", and a worker has " +
                          size_text(limits_.memory));
        }
        const int input = room(input_, request.size);
        fill(input_.bytes().first(request.size));
        whole_ = false;
        limit(input_.bytes().size() + output_.bytes().size() + request.size * 2 + MOST_THREADS * THREAD);
        Claim claim;
        await(send(socket_, request, input), claim, patience(0), "reading the file");
        if (claim.refused) {
            whole_ = true;
            throw Refusal(get_text(claim.reason));
        }
        grant(claim, threads);
        Result result;
        await(true, result, patience(std::min(claim.pixels, limits_.memory)), "computing the pixels");
        whole_ = true;
        if (result.refused) {
            throw Refusal(get_text(result.reason));
        }
        // Nothing that a worker says is believed: what it decodes may have taken it over.
        constexpr std::uint32_t most = UINT16_MAX; // rows and columns of an image
        if (result.size > output_.bytes().size() || result.columns > most || result.rows > most) {
            whole_ = false;
            throw Refusal("the worker gave more than there is");
        }
        take(result, output_.bytes().first(result.size));
        if (input_.bytes().size() > KEPT) {
            input_.forget();
        }
        if (output_.bytes().size() > KEPT) {
            output_.forget();
        }
        last_use_ = std::chrono::steady_clock::now();
    }

  private:
    void start(int end) {
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDWR, 0);
        posix_spawn_file_actions_adddup2(&actions, STDIN_FILENO, STDOUT_FILENO);
        posix_spawn_file_actions_adddup2(&actions, STDIN_FILENO, STDERR_FILENO);
        posix_spawn_file_actions_adddup2(&actions, end, 3);
        posix_spawn_file_actions_addclosefrom_np(&actions, 4);
        posix_spawnattr_t attributes;
        posix_spawnattr_init(&attributes);
        sigset_t none;
        sigemptyset(&none);
        posix_spawnattr_setsigmask(&attributes, &none);
        posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
        std::string name = "pixels-worker";
        const std::array<char *, 2> arguments = {name.data(), nullptr};
        // glibc's arenas would reserve more address space than a worker may have.
        std::string arenas = "MALLOC_ARENA_MAX=1";
        std::string locale = "LC_ALL=C.UTF-8";
        const std::array<char *, 3> environment = {arenas.data(), locale.data(), nullptr};
        if (posix_spawn(&process_, limits_.program.c_str(), &actions, &attributes, arguments.data(),
                        environment.data()) != 0) {
            process_ = -1;
        }
        posix_spawnattr_destroy(&attributes);
        posix_spawn_file_actions_destroy(&actions);
    }

    // Gives it room, and returns the descriptor of the memory when it is another than before.
    static int room(SharedMemory &memory, std::uint64_t size) {
        if (memory.bytes().size() >= size && memory.descriptor() >= 0) {
            return -1;
        }
        memory = SharedMemory(std::max<std::uint64_t>(size + size / 4, MEGABYTE));
        return memory.descriptor();
    }

    void grant(Claim claim, std::uint32_t threads) {
        if (claim.unbounded) {
            claim.memory = claim.result = limits_.memory;
        }
        if (claim.memory > limits_.memory || claim.result > limits_.memory) {
            whole_ = send(socket_, Grant{.granted = false, .threads = 0});
            throw Refusal("it takes " + size_text(std::max(claim.memory, claim.result)) +
                          ", and a worker has " + size_text(limits_.memory) + " (Gdcm.WorkerMemory)");
        }
        const int output = room(output_, claim.result);
        limit(input_.bytes().size() + output_.bytes().size() + claim.memory + MOST_THREADS * THREAD);
        if (!send(socket_, Grant{.granted = true, .threads = threads}, output)) {
            throw Refusal(ended("reading the file", false));
        }
    }

    // Waits for a message; a Refusal says what became of a worker that sends none.
    template <typename Message> void await(bool sent, Message &message, int timeout, const char *doing) {
        const Received received = sent ? receive(socket_, message, nullptr, timeout) : Received::GONE;
        if (received != Received::MESSAGE) {
            throw Refusal(ended(doing, received == Received::LATE));
        }
    }

    // Bytes beside what it has at its start, and what it kept of the request before: free memory and stacks.
    void limit(std::uint64_t bytes) const noexcept {
        if (!LIMITED) {
            return;
        }
        const rlimit both{.rlim_cur = base_ + KEPT + bytes, .rlim_max = RLIM_INFINITY};
        prlimit(process_, RLIMIT_AS, &both, nullptr);
    }

    int patience(std::uint64_t pixels) const noexcept {
        constexpr std::chrono::milliseconds day = std::chrono::hours(24);
        const auto megabytes =
            static_cast<std::int64_t>(std::min<std::uint64_t>(pixels / MEGABYTE, UINT32_MAX));
        return static_cast<int>(std::min(day, limits_.time + limits_.time_per_megabyte * megabytes).count());
    }

    // Ends it, and says what became of it.
    std::string ended(const std::string &doing, bool late) {
        if (late) {
            stop();
            return "the worker was ended, since " + doing + " took too long (Gdcm.WorkerTime)";
        }
        // Its socket is closed: it has ended, or is about to.
        int status = 0;
        close(std::exchange(socket_, -1));
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(1);
        pid_t gone = 0;
        while ((gone = waitpid(process_, &status, WNOHANG)) == 0 && std::chrono::steady_clock::now() < end) {
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        if (gone != process_) {
            stop();
            return "the worker made no sense while " + doing;
        }
        process_ = -1;
        return "the worker ended while " + doing + ", by " +
               (WIFSIGNALED(status) ? std::string("signal ") + sigabbrev_np(WTERMSIG(status))
                                    : "exit code " + std::to_string(WEXITSTATUS(status)));
    }

    void stop() noexcept {
        if (socket_ >= 0) {
            close(std::exchange(socket_, -1));
        }
        if (process_ > 0) {
            kill(process_, SIGKILL);
            while (waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
            }
            process_ = -1;
        }
    }

    const Limits &limits_;
    int socket_ = -1;
    pid_t process_ = -1;
    std::uint64_t base_ = 0;
    SharedMemory input_;
    SharedMemory output_;
    bool whole_ = true;
    bool rested_ = true;
    std::chrono::steady_clock::time_point last_use_ = std::chrono::steady_clock::now();
};

Pool::Pool(Limits limits)
    : limits_(std::move(limits)),
      keeper_(background("PIXELS", [this](const std::stop_token &stopping) { tidy(stopping); })) {}

Pool::~Pool() = default;

std::unique_ptr<Worker> Pool::borrow() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !idle_.empty() || count_ < limits_.workers; });
    while (!idle_.empty()) {
        std::unique_ptr<Worker> worker = std::move(idle_.back()); // the one that was used last is warm
        idle_.pop_back();
        if (worker->waits()) {
            return worker;
        }
        --count_;
    }
    ++count_;
    lock.unlock();
    try {
        return std::make_unique<Worker>(limits_);
    } catch (...) {
        give_back(nullptr);
        throw;
    }
}

void Pool::give_back(std::unique_ptr<Worker> worker) noexcept {
    {
        const std::scoped_lock lock(mutex_);
        if (worker != nullptr && worker->is_whole()) {
            idle_.push_back(std::move(worker));
        } else {
            --count_;
        }
    }
    changed_.notify_one();
    kept_.notify_one();
}

void Pool::run(const Assignment &request, const std::function<void(std::span<std::uint8_t>)> &fill,
               const std::function<void(const Result &, std::span<const std::uint8_t>)> &take) {
    std::unique_ptr<Worker> worker = borrow();
    try {
        worker->run(request, share(), fill, take);
    } catch (...) {
        give_back(std::move(worker));
        throw;
    }
    give_back(std::move(worker));
}

// Returns how many threads one of those at work may have.
std::uint32_t Pool::share() const {
    const std::scoped_lock lock(mutex_);
    const std::size_t busy = std::max<std::size_t>(count_ - idle_.size(), 1);
    return static_cast<std::uint32_t>(std::clamp<std::size_t>(limits_.processors / busy, 1, MOST_THREADS));
}

std::size_t Pool::count() const {
    const std::scoped_lock lock(mutex_);
    return count_;
}

// Has those rest that have nothing to do, and ends those that nobody has needed for a while.
void Pool::tidy(const std::stop_token &stopping) {
    std::unique_lock lock(mutex_);
    while (kept_.wait(lock, stopping, [this] { return !idle_.empty(); }) && !stopping.stop_requested()) {
        kept_.wait_for(lock, stopping, std::min<std::chrono::milliseconds>(REST, limits_.idle / 2),
                       [] { return false; });
        const auto now = std::chrono::steady_clock::now();
        std::vector<std::unique_ptr<Worker>> ending;
        for (std::unique_ptr<Worker> &worker : idle_) {
            if (now - worker->last_use() > limits_.idle) {
                ending.push_back(std::move(worker));
            } else if (now - worker->last_use() > REST) {
                worker->rest();
            }
        }
        std::erase(idle_, nullptr);
        count_ -= ending.size();
        lock.unlock();
        ending.clear();
        lock.lock();
    }
}

} // namespace orthanc_images::pixels
