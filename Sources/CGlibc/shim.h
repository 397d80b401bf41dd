/* What glibc has and Swift's Glibc module does not show. Types of that module are left out: they would exist twice. */
#ifndef HELLO_CGLIBC_SHIM_H
#define HELLO_CGLIBC_SHIM_H

#include <elf.h>
#include <stddef.h>
#include <stdint.h>

/* malloc_trim(3): gives free memory at the top and in the middle of every arena back to the kernel. */
extern int malloc_trim(size_t pad);

/* getxattr(2), which tells whether a file has a list of who may access it (acl(5)). */
extern long getxattr(const char *_Nonnull path, const char *_Nonnull name, void *_Nullable value, size_t size);

/* accept4(2), which opens a connection non-blocking and close-on-exec at once. */
extern int accept4(int listener, void *_Nonnull address, unsigned int *_Nonnull length, int flags);

/* epoll(7), under names of our own: other modules bring its header, and with it types that must not exist twice. */
#ifdef __x86_64__
#define CGLIBC_EPOLL_PACKED __attribute__((__packed__))
#else
#define CGLIBC_EPOLL_PACKED
#endif
struct poll_event {
    uint32_t events;
    void *_Nullable owner;
} CGLIBC_EPOLL_PACKED;
_Static_assert(sizeof(void *) == sizeof(uint64_t), "the kernel's event has 64 bits for its owner");
enum { POLL_INPUT = 0x001, POLL_OUTPUT = 0x004, POLL_ERROR = 0x008, POLL_HANG_UP = 0x010, POLL_INPUT_ENDED = 0x2000 };
#define POLL_EDGES 0x80000000u
enum { POLL_ADD = 1, POLL_REMOVE = 2, POLL_CHANGE = 3 };
extern int poll_create(int flags) __asm__("epoll_create1");
extern int poll_control(int epoll, int operation, int descriptor, struct poll_event *_Nonnull event)
    __asm__("epoll_ctl");
extern int poll_wait(int epoll, struct poll_event *_Nonnull events, int most, int milliseconds) __asm__("epoll_wait");

/* eventfd(2), a descriptor that one thread writes to and another waits for. */
extern int eventfd(unsigned int value, int flags);

/* signalfd(2). The set is a sigset_t. */
extern int signal_descriptor(int descriptor, const void *_Nonnull set, int flags) __asm__("signalfd");

/* memfd_create(2), a file in memory, which can go to another process. */
enum { MEMORY_CLOSE_ON_EXEC = 1 }; /* MFD_CLOEXEC */
extern int memory_file(const char *_Nonnull name, unsigned int flags) __asm__("memfd_create");

/* sched_getaffinity(2): the cores that a thread may run on, a bit each; 0 is the calling thread. */
extern int get_affinity(int thread, size_t size, void *_Nonnull mask) __asm__("sched_getaffinity");
extern int set_affinity(int thread, size_t size, const void *_Nonnull mask) __asm__("sched_setaffinity");

/* pthread_setname_np(3): the name that ps(1) and perf(1) show, of at most 15 octets. */
extern int pthread_setname_np(unsigned long thread, const char *_Nonnull name);

/* dl_iterate_phdr(3): calls back with each object that is loaded, the program first. The beginning of
 * `struct dl_phdr_info`; its header brings others that must not be there twice. */
struct loaded_object {
    Elf64_Addr address;
    const char *_Nullable name;
    const Elf64_Phdr *_Nullable segments;
    Elf64_Half segment_count;
};
extern int each_loaded_object(int (*_Nonnull callback)(struct loaded_object *_Nonnull, size_t, void *_Nullable),
                              void *_Nullable data) __asm__("dl_iterate_phdr");

/* environ(7), as a value: Swift takes the variable for one that any thread may write. */
extern char **environ;
static inline char *const *hello_environment(void) { return environ; }

#endif
