/* Counts what a program allocates: this module has malloc(3) and its like, in front of glibc's. */
#ifndef HELLO_ALLOCATIONS_H
#define HELLO_ALLOCATIONS_H

/* Allocations by any thread but those that called allocations_ignore_this_thread, since the program began. */
long allocations_count(void);

/* Counts nothing that the calling thread allocates from here on. */
void allocations_ignore_this_thread(void);

#endif
