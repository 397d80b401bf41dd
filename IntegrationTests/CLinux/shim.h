/* What glibc (2.34 and newer) has and its Swift module does not show. */
#ifndef HELLO_CLINUX_SHIM_H
#define HELLO_CLINUX_SHIM_H

#include <spawn.h>

/* Closes every descriptor from a number on in the new process. */
static inline int clinux_close_from(posix_spawn_file_actions_t *actions, int from) {
    extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *, int);
    return posix_spawn_file_actions_addclosefrom_np(actions, from);
}

/* Moves the calling thread into a network namespace (setns(2)): sockets that it makes from then on belong to that. */
static inline int clinux_enter_network(int namespace_descriptor) {
    extern int setns(int, int);
    return setns(namespace_descriptor, 0x40000000 /* CLONE_NEWNET */);
}

#endif
