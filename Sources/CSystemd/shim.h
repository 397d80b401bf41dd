/* The parts of libsystemd that this package uses. */
#ifndef HELLO_CSYSTEMD_SHIM_H
#define HELLO_CSYSTEMD_SHIM_H

#include <errno.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <systemd/sd-daemon.h>
#include <systemd/sd-id128.h>
#include <systemd/sd-journal.h>

/* The inode of the calling process's pidfd: what LISTEN_PIDFDID carries (sd_listen_fds(3), systemd 258). It is unique
 * for the life of the machine, but only where pidfds live on pidfs (Linux 6.9); elsewhere they share one anonymous
 * inode, and this returns -EOPNOTSUPP. In C because syscall(2) is variadic, which Swift does not import. */
static inline int csystemd_own_pidfd_id(uint64_t *id) {
    const long pidfs_magic = 0x50494446; /* PID_FS_MAGIC in linux/magic.h, which older headers lack */
    struct statfs file_system;
    struct stat status;
    int result = 0;
    int pidfd = (int) syscall(SYS_pidfd_open, getpid(), 0);

    if (pidfd < 0)
        return -errno;
    if (fstatfs(pidfd, &file_system) < 0 || fstat(pidfd, &status) < 0)
        result = -errno;
    else if (file_system.f_type != pidfs_magic)
        result = -EOPNOTSUPP;
    else
        *id = (uint64_t) status.st_ino;
    close(pidfd);
    return result;
}

/* pipe2(2), which Swift does not import: glibc declares it for _GNU_SOURCE only. */
static inline int csystemd_pipe(int ends[2], int flags) {
    return (int) syscall(SYS_pipe2, ends, flags);
}

#endif
