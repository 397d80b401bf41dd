/* What glibc (2.34 and newer) has and its Swift module does not show. */
#ifndef HELLO_CSPAWN_SHIM_H
#define HELLO_CSPAWN_SHIM_H

#include <spawn.h>

/* Closes every descriptor from a number on in the new process. */
static inline int cspawn_close_from(posix_spawn_file_actions_t *actions, int from) {
    extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *, int);
    return posix_spawn_file_actions_addclosefrom_np(actions, from);
}

#endif
