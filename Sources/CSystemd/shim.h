/* The parts of libsystemd that this package uses. */
#ifndef HELLO_CSYSTEMD_SHIM_H
#define HELLO_CSYSTEMD_SHIM_H

#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#include <systemd/sd-daemon.h>
#include <systemd/sd-id128.h>
#include <systemd/sd-journal.h>

/* What Swift's Glibc module lacks. As few headers as can be: what they declare is then declared by two modules, and a
 * Swift file that uses it may have to import both (MemberImportVisibility), as with sys/socket.h through sd-daemon.h. */

/* Of unistd.h: Swift imports no variadic function, and glibc shows pipe2 to _GNU_SOURCE only. */
extern long syscall(long number, ...);
extern int pipe2(int ends[2], int flags);

/* pidfd_open(2), which glibc has since 2.36 only. Sets errno. */
static inline int csystemd_pidfd_open(int pid) {
    return (int) syscall(SYS_pidfd_open, pid, 0);
}

/* Whether a pidfd is on pidfs (Linux 6.9), where its inode is unique. Before, all pidfds shared one anonymous inode. */
static inline int csystemd_is_on_pidfs(int pidfd) {
    const long pidfs_magic = 0x50494446; /* PID_FS_MAGIC of linux/magic.h, which older headers lack */
    struct statfs file_system;

    return fstatfs(pidfd, &file_system) == 0 && file_system.f_type == pidfs_magic;
}

#ifndef MSG_CMSG_CLOEXEC
#define MSG_CMSG_CLOEXEC 0x40000000
#endif

/* The most descriptors that the kernel takes in one message (SCM_MAX_FD, unix(7)). */
enum { csystemd_descriptors_a_message = 253 };

/* Sends octets and descriptors in one message (SCM_RIGHTS, unix(7)), without blocking and without SIGPIPE: Swift imports
 * none of the CMSG macros. Returns what sendmsg(2) does, and sets errno. */
static inline long csystemd_send(int socket, const void *octets, size_t length, const int *descriptors, size_t count) {
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int) * csystemd_descriptors_a_message)];
    } control;
    struct iovec vector = {.iov_base = (void *) octets, .iov_len = length};
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};

    if (count > csystemd_descriptors_a_message)
        count = csystemd_descriptors_a_message;
    if (count > 0) {
        memset(&control, 0, sizeof(control));
        message.msg_control = &control;
        message.msg_controllen = CMSG_SPACE(sizeof(int) * count);
        control.header.cmsg_level = SOL_SOCKET;
        control.header.cmsg_type = SCM_RIGHTS;
        control.header.cmsg_len = CMSG_LEN(sizeof(int) * count);
        memcpy(CMSG_DATA(&control.header), descriptors, sizeof(int) * count);
    }
    return sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* Receives octets and the descriptors that came with them, which are close-on-exec. `descriptors` has room for
 * csystemd_descriptors_a_message. Returns what recvmsg(2) does, and sets errno; *truncated says that the kernel had to
 * drop descriptors. */
static inline long csystemd_receive(
    int socket, void *octets, size_t length, int *descriptors, size_t *count, int *truncated) {
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int) * csystemd_descriptors_a_message)];
    } control;
    struct iovec vector = {.iov_base = octets, .iov_len = length};
    struct msghdr message = {
        .msg_iov = &vector, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)};
    struct cmsghdr *header;
    long received;

    *count = 0;
    *truncated = 0;
    received = recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (received < 0)
        return received;
    *truncated = (message.msg_flags & MSG_CTRUNC) != 0;
    for (header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
            continue;
        *count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        memcpy(descriptors, CMSG_DATA(header), *count * sizeof(int));
    }
    return received;
}

#endif
