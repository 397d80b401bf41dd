extension WallClockLibrary {
    /// What is preloaded. It needs nothing but glibc, of which it takes no call that 2.34 does not have.
    ///
    /// What the program gives the kernel is moved the other way: an instant of its wall clock comes when that clock says so,
    /// unless it is stepped meanwhile.
    static let source = #"""
        #define _GNU_SOURCE
        #include <errno.h>
        #include <fcntl.h>
        #include <pthread.h>
        #include <semaphore.h>
        #include <stdint.h>
        #include <stdlib.h>
        #include <sys/mman.h>
        #include <sys/syscall.h>
        #include <sys/time.h>
        #include <sys/timerfd.h>
        #include <time.h>
        #include <unistd.h>

        _Static_assert(sizeof(time_t) == 8, "the offset is added to 64 bits");

        /* A step writes the offset that is not in use, in nanoseconds, and then which of the two is. */
        struct offsets { _Atomic unsigned char current; _Atomic int64_t nanoseconds[2]; };
        static struct offsets *offsets;

        __attribute__((constructor)) static void map_offsets(void) {
            const char *path = getenv("SYSTEMD_TEST_KIT_CLOCK");
            int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
            if (file < 0) return;
            void *mapped = mmap(NULL, sizeof *offsets, PROT_READ, MAP_SHARED, file, 0);
            if (mapped != MAP_FAILED) offsets = mapped;
            close(file);
        }

        static int64_t offset(void) { return offsets ? offsets->nanoseconds[offsets->current & 1] : 0; }

        static int is_wall_clock(clockid_t clock) {
            return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_REALTIME_ALARM ||
                   clock == CLOCK_TAI;
        }

        static int64_t nanoseconds(const struct timespec *time) { return time->tv_sec * INT64_C(1000000000) + time->tv_nsec; }

        static struct timespec timespec_of(int64_t nanoseconds) {
            int64_t rest = nanoseconds % 1000000000;
            if (rest < 0) rest += 1000000000;
            return (struct timespec){(nanoseconds - rest) / 1000000000, rest};
        }

        int clock_gettime(clockid_t clock, struct timespec *time) {
            int result = syscall(SYS_clock_gettime, clock, time);
            if (result == 0 && is_wall_clock(clock)) *time = timespec_of(nanoseconds(time) + offset());
            return result;
        }

        int gettimeofday(struct timeval *restrict time, void *restrict zone) {
            int result = syscall(SYS_gettimeofday, time, zone);
            if (result != 0) return result;
            struct timespec now;
            clock_gettime(CLOCK_REALTIME, &now);
            *time = (struct timeval){now.tv_sec, now.tv_nsec / 1000};
            return 0;
        }

        time_t time(time_t *result) {
            struct timespec now;
            clock_gettime(CLOCK_REALTIME_COARSE, &now);
            if (result) *result = now.tv_sec;
            return now.tv_sec;
        }

        int timespec_get(struct timespec *time, int base) {
            if (base != TIME_UTC) return 0;
            return clock_gettime(CLOCK_REALTIME, time) == 0 ? base : 0;
        }

        /* When an instant of the wall clock comes, by the true one, which the kernel goes by. */
        static struct timespec true_instant(const struct timespec *instant) {
            int64_t found = nanoseconds(instant) - offset();
            return timespec_of(found > 0 ? found : 1);
        }

        /* The same by the monotonic clock, for what takes that. */
        static struct timespec monotonic_instant(const struct timespec *instant) {
            struct timespec wall, monotonic;
            clock_gettime(CLOCK_REALTIME, &wall);
            clock_gettime(CLOCK_MONOTONIC, &monotonic);
            int64_t found = nanoseconds(&monotonic) + nanoseconds(instant) - nanoseconds(&wall);
            return timespec_of(found > 0 ? found : 0);
        }

        int clock_nanosleep(clockid_t clock, int flags, const struct timespec *time, struct timespec *rest) {
            struct timespec instant;
            if (time && (flags & TIMER_ABSTIME) && is_wall_clock(clock)) {
                instant = true_instant(time);
                time = &instant;
            }
            return syscall(SYS_clock_nanosleep, clock, flags, time, rest) == 0 ? 0 : errno;
        }

        static _Atomic unsigned char has_wall_clock[1 << 16];

        int timerfd_create(int clock, int flags) {
            int timer = syscall(SYS_timerfd_create, clock, flags);
            if (timer >= 0 && timer < 1 << 16) has_wall_clock[timer] = is_wall_clock(clock);
            return timer;
        }

        int timerfd_settime(int timer, int flags, const struct itimerspec *new, struct itimerspec *old) {
            struct itimerspec moved;
            int is_armed = new && (new->it_value.tv_sec || new->it_value.tv_nsec);
            if (is_armed && (flags & TFD_TIMER_ABSTIME) && timer >= 0 && timer < 1 << 16 && has_wall_clock[timer]) {
                moved = *new;
                moved.it_value = true_instant(&new->it_value);
                new = &moved;
            }
            return syscall(SYS_timerfd_settime, timer, flags, new, old);
        }

        int sem_timedwait(sem_t *restrict semaphore, const struct timespec *restrict instant) {
            struct timespec until = monotonic_instant(instant);
            return sem_clockwait(semaphore, CLOCK_MONOTONIC, &until);
        }

        int pthread_mutex_timedlock(pthread_mutex_t *restrict mutex, const struct timespec *restrict instant) {
            struct timespec until = monotonic_instant(instant);
            return pthread_mutex_clocklock(mutex, CLOCK_MONOTONIC, &until);
        }

        int pthread_cond_timedwait(pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex,
                                   const struct timespec *restrict instant) {
            /* glibc's own flag (nptl/pthread_cond_common.c): the condition was made for CLOCK_MONOTONIC. */
            struct timespec until = condition->__data.__wrefs & 2 ? *instant : monotonic_instant(instant);
            return pthread_cond_clockwait(condition, mutex, CLOCK_MONOTONIC, &until);
        }
        """#
}
