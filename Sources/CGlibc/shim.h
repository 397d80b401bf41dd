/* What glibc has and Swift's Glibc module does not show. */
#ifndef HELLO_CGLIBC_SHIM_H
#define HELLO_CGLIBC_SHIM_H

#include <stddef.h>

/* malloc_trim(3): gives free memory at the top and in the middle of every arena back to the kernel. */
extern int malloc_trim(size_t pad);

#endif
