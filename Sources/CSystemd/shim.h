/* The parts of libsystemd that this package uses. */
#ifndef HELLO_CSYSTEMD_SHIM_H
#define HELLO_CSYSTEMD_SHIM_H

#include <systemd/sd-daemon.h>
#include <systemd/sd-id128.h>
#include <systemd/sd-journal.h>

#endif
