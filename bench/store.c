// An object store that is quick: S3 as far as obstore speaks it, in memory, and nothing is checked.
//
//   store PORT [DELAY]
//
// Each answer is DELAY milliseconds late, as if the store were far away. One thread serves one connection.

#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { BUCKETS = 1 << 16, HEAD = 1 << 16, NAME = 1024 };

// A content that several connections may be sending while another takes its place.
struct content {
    size_t size;
    unsigned users;
    char bytes[];
};

struct object {
    struct object *next;
    struct content *content;
    char name[];
};

struct request {
    char method[8];
    char path[NAME];
    char query[NAME];
    size_t size;
    size_t first;
    size_t last;
    int ranged;
    int expects;
};

static struct object *objects[BUCKETS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct timespec delay;

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static struct content *content(size_t size) {
    struct content *made = malloc(sizeof *made + size);
    if (made == NULL)
        fail("store: no memory left");
    made->size = size;
    made->users = 1;
    return made;
}

static struct object **place(const char *name) {
    unsigned hash = 5381;
    for (const char *at = name; *at != 0; at++)
        hash = hash * 33 + (unsigned char)*at;
    struct object **found = &objects[hash % BUCKETS];
    while (*found != NULL && strcmp((*found)->name, name) != 0)
        found = &(*found)->next;
    return found;
}

// The functions from here to `parts` want the lock.

static void drop(struct content *old) {
    if (old != NULL && --old->users == 0)
        free(old);
}

static void keep(const char *name, struct content *given) {
    struct object **found = place(name);
    if (*found == NULL) {
        *found = calloc(1, sizeof **found + strlen(name) + 1);
        if (*found == NULL)
            fail("store: no memory left");
        strcpy((*found)->name, name);
    }
    drop((*found)->content);
    (*found)->content = given;
}

static struct content *held(const char *name) {
    struct object *found = *place(name);
    if (found == NULL)
        return NULL;
    found->content->users++;
    return found->content;
}

static void forget(const char *name) {
    struct object **found = place(name), *old = *found;
    if (old == NULL)
        return;
    *found = old->next;
    drop(old->content);
    free(old);
}

// Put the parts of an upload together. They are under the name of the object, a blank and their number.
static void parts(const char *name) {
    char part[NAME + 16];
    size_t size = 0;
    int count = 0;
    for (struct object *one = NULL;; count++, size += one->content->size) {
        snprintf(part, sizeof part, "%s %d", name, count + 1);
        if ((one = *place(part)) == NULL)
            break;
    }
    struct content *all = content(size);
    size_t done = 0;
    for (int number = 1; number <= count; number++) {
        snprintf(part, sizeof part, "%s %d", name, number);
        struct content *one = (*place(part))->content;
        memcpy(all->bytes + done, one->bytes, one->size);
        done += one->size;
        forget(part);
    }
    keep(name, all);
}

static int sent(int to, const char *head, const char *bytes, size_t size) {
    struct iovec both[2] = {{(char *)head, strlen(head)}, {(char *)bytes, size}}, *at = both;
    int left = 2;
    while (left > 0) {
        ssize_t done = writev(to, at, left);
        if (done < 0)
            return 0;
        while (left > 0 && (size_t)done >= at->iov_len) {
            done -= (ssize_t)at->iov_len;
            at++, left--;
        }
        if (left > 0) {
            at->iov_base = (char *)at->iov_base + done;
            at->iov_len -= (size_t)done;
        }
    }
    return 1;
}

#define STAMP "Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT\r\nETag: \"0\"\r\n"

static int answered(int to, const char *status, const char *text, int bodied) {
    char head[512];
    snprintf(head, sizeof head, "HTTP/1.1 %s\r\n" STAMP "Content-Type: application/xml\r\nContent-Length: %zu\r\n\r\n",
             status, strlen(text));
    return sent(to, head, text, bodied ? strlen(text) : 0);
}

#define MISSING "<Error><Code>NoSuchKey</Code><Message>There is no such object.</Message></Error>"

static int fetched(int to, const struct request *asked, int bodied) {
    pthread_mutex_lock(&lock);
    struct content *found = held(asked->path);
    pthread_mutex_unlock(&lock);
    if (found == NULL)
        return answered(to, "404 Not Found", MISSING, bodied);
    size_t first = 0, size = found->size;
    char head[512], range[128] = "";
    if (asked->ranged && asked->first < found->size) {
        size_t last = asked->last < found->size ? asked->last : found->size - 1;
        first = asked->first, size = last - first + 1;
        snprintf(range, sizeof range, "Content-Range: bytes %zu-%zu/%zu\r\n", first, last, found->size);
    }
    snprintf(head, sizeof head, "HTTP/1.1 %s\r\n" STAMP "%sContent-Length: %zu\r\n\r\n",
             *range ? "206 Partial Content" : "200 OK", range, size);
    int good = sent(to, head, found->bytes + first, bodied ? size : 0);
    pthread_mutex_lock(&lock);
    drop(found);
    pthread_mutex_unlock(&lock);
    return good;
}

static int acted(int to, struct request *asked, struct content *given) {
    nanosleep(&delay, NULL);
    if (strcmp(asked->method, "GET") == 0 && strstr(asked->query, "list-type=") == NULL) {
        free(given);
        return fetched(to, asked, 1);
    }
    if (strcmp(asked->method, "HEAD") == 0) {
        free(given);
        return fetched(to, asked, 0);
    }
    const char *status = "200 OK", *text = "", *part = strstr(asked->query, "partNumber=");
    pthread_mutex_lock(&lock);
    if (strcmp(asked->method, "GET") == 0) {
        text = "<ListBucketResult><KeyCount>0</KeyCount><IsTruncated>false</IsTruncated></ListBucketResult>";
    } else if (strcmp(asked->method, "DELETE") == 0) {
        forget(asked->path);
        status = "204 No Content";
    } else if (strcmp(asked->method, "POST") == 0 && strstr(asked->query, "uploadId=") != NULL) {
        parts(asked->path);
        text = "<CompleteMultipartUploadResult><ETag>\"0\"</ETag></CompleteMultipartUploadResult>";
    } else if (strcmp(asked->method, "POST") == 0) {
        text = "<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>";
    } else {
        if (part != NULL)
            snprintf(asked->path + strlen(asked->path), sizeof asked->path - strlen(asked->path), " %d",
                     atoi(part + strlen("partNumber=")));
        keep(asked->path, given);
        given = NULL;
    }
    pthread_mutex_unlock(&lock);
    free(given);
    return answered(to, status, text, 1);
}

static void header(struct request *asked, const char *line) {
    if (strncasecmp(line, "content-length:", 15) == 0)
        asked->size = strtoull(line + 15, NULL, 10);
    else if (strncasecmp(line, "expect:", 7) == 0)
        asked->expects = 1;
    else if (strncasecmp(line, "range:", 6) == 0) {
        char *end = NULL;
        const char *from = strchr(line, '=');
        if (from == NULL)
            return;
        asked->ranged = 1;
        asked->first = strtoull(from + 1, &end, 10);
        asked->last = *end == '-' && isdigit((unsigned char)end[1]) ? strtoull(end + 1, NULL, 10) : (size_t)-1;
    }
}

static struct request parsed(char *head) {
    struct request asked = {0};
    char *rest = NULL, *line = strtok_r(head, "\r\n", &rest);
    char target[2 * NAME] = "";
    if (line != NULL)
        sscanf(line, "%7s %2047s", asked.method, target);
    char *query = strchr(target, '?');
    if (query != NULL) {
        *query = 0;
        snprintf(asked.query, sizeof asked.query, "%s", query + 1);
    }
    snprintf(asked.path, sizeof asked.path, "%s", target);
    while ((line = strtok_r(NULL, "\r\n", &rest)) != NULL)
        header(&asked, line);
    return asked;
}

// Serve the requests of a connection one after the other; what came too early is moved to the front.
static void *served(void *argument) {
    int client = (int)(long)argument, good = 1;
    char *buffer = malloc(HEAD + 1);
    size_t filled = 0;
    while (good && buffer != NULL) {
        char *end = NULL;
        buffer[filled] = 0;
        while ((end = strstr(buffer, "\r\n\r\n")) == NULL && filled < HEAD) {
            ssize_t came = read(client, buffer + filled, HEAD - filled);
            if (came <= 0)
                goto over;
            buffer[filled += (size_t)came] = 0;
        }
        if (end == NULL)
            break;
        *end = 0;
        struct request asked = parsed(buffer);
        size_t used = (size_t)(end + 4 - buffer);
        struct content *given = content(asked.size);
        size_t early = filled - used < asked.size ? filled - used : asked.size;
        memcpy(given->bytes, buffer + used, early);
        memmove(buffer, buffer + used + early, filled - used - early);
        filled -= used + early;
        if (asked.expects && early == 0)
            sent(client, "HTTP/1.1 100 Continue\r\n\r\n", NULL, 0);
        while (early < asked.size) {
            ssize_t came = read(client, given->bytes + early, asked.size - early);
            if (came <= 0) {
                free(given);
                goto over;
            }
            early += (size_t)came;
        }
        good = acted(client, &asked, given);
    }
over:
    free(buffer);
    close(client);
    return NULL;
}

int main(int count, char **arguments) {
    if (count < 2) {
        fputs("usage: store PORT [DELAY in milliseconds]\n", stderr);
        return 2;
    }
    long late = count > 2 ? atol(arguments[2]) : 0;
    delay = (struct timespec){late / 1000, late % 1000 * 1000000};
    signal(SIGPIPE, SIG_IGN);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(arguments[1]))};
    int yes = 1, server = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(server, (struct sockaddr *)&address, sizeof address) != 0 || listen(server, 256) != 0)
        fail("store: the port is not free");
    for (;;) {
        int client = accept(server, NULL, NULL);
        if (client < 0)
            continue;
        setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        pthread_t thread;
        if (pthread_create(&thread, NULL, served, (void *)(long)client) != 0)
            close(client);
        else
            pthread_detach(thread);
    }
}
