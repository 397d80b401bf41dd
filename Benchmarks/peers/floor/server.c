/* The floor: the least a server can do for a request, which is one read and one write a turn of epoll.
 *
 * It understands as much HTTP as wrk speaks: a read that ends with an empty line is a request. Listens on PORT, or on the
 * sockets that a service manager passes, and waits DELAY_MS before each answer. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { most = 1 << 15, listeners = 16 };

/* What hello sends, at the same length: Date and X-Request-ID included. */
static const char answer[] = "HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\nContent-Type: application/json\r\n"
                             "Content-Length: 17\r\nX-Request-ID: 0123456789abcdef0123456789abcdef\r\n\r\n{\"Hello\":\"World\"}";

/* Everybody waits equally long, so whoever came first is first: a ring will do for a timer. */
static struct wait { int fd; unsigned generation; long long due; } waits[most];
static unsigned first, last, generations[most];

static long long now_ms(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000LL + time.tv_nsec / 1000000;
}

/* READY=1 to the service manager, if there is one (sd_notify(3)). */
static void notify_ready(void) {
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (!path || strlen(path) >= sizeof address.sun_path) return;
    memcpy(address.sun_path, path, strlen(path));
    if (*path == '@') address.sun_path[0] = 0;
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sendto(fd, "READY=1", 7, 0, (void *)&address, offsetof(struct sockaddr_un, sun_path) + strlen(path));
    close(fd);
}

static void listen_on(int epoll, int fd) {
    struct epoll_event event = {EPOLLIN, {.fd = fd}};
    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

static int open_listener(int port) {
    struct sockaddr_in address = {AF_INET, htons(port), {htonl(INADDR_LOOPBACK)}, {0}};
    int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(fd, (void *)&address, sizeof address) || listen(fd, 4096)) exit(71);
    return fd;
}

static void accept_from(int epoll, int listener) {
    for (int one = 1, fd, turn = 0; turn < 64 && (fd = accept4(listener, 0, 0, SOCK_NONBLOCK)) >= 0; turn++) {
        if (fd >= most) { close(fd); continue; }
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        generations[fd]++;
        listen_on(epoll, fd);
    }
}

static void read_from(int fd, int delay) {
    char request[4096];
    ssize_t size = read(fd, request, sizeof request);
    if (size < 0 && errno == EAGAIN) return;
    if (size <= 0) { generations[fd]++; close(fd); return; }
    if (size < 4 || memcmp(request + size - 4, "\r\n\r\n", 4)) return;
    if (delay) waits[last++ % most] = (struct wait){fd, generations[fd], now_ms() + delay};
    else if (write(fd, answer, sizeof answer - 1) < 0) return;
}

/* Answers whose time has come; returns how long to wait for the next, as epoll_wait(2) takes it. */
static int answer_due(void) {
    for (long long now = first != last ? now_ms() : 0; first != last; first++) {
        struct wait *wait = &waits[first % most];
        if (wait->due > now) return wait->due - now;
        if (wait->generation == generations[wait->fd] && write(wait->fd, answer, sizeof answer - 1) < 0) continue;
    }
    return -1;
}

int main(void) {
    const char *port = getenv("PORT"), *wait = getenv("DELAY_MS"), *passed = getenv("LISTEN_FDS");
    int epoll = epoll_create1(EPOLL_CLOEXEC), count = passed ? atoi(passed) : 1, delay = wait ? atoi(wait) : 0;
    int own = passed ? 3 : open_listener(port ? atoi(port) : 8080);
    for (int i = 0; i < count && i < listeners; i++) {
        fcntl(own + i, F_SETFL, O_NONBLOCK);
        listen_on(epoll, own + i);
    }
    notify_ready();
    for (struct epoll_event events[256];;) {
        int ready = epoll_wait(epoll, events, 256, answer_due());
        for (int i = 0; i < ready; i++) {
            int fd = events[i].data.fd;
            if (fd >= own && fd < own + count) accept_from(epoll, fd);
            else read_from(fd, delay);
        }
    }
}
