/* The parts of libsystemd that this package uses. */
#ifndef HELLO_CSYSTEMD_SHIM_H
#define HELLO_CSYSTEMD_SHIM_H

#include <stdint.h>
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

#endif
