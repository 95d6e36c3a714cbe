/* The process of a pod's sandbox: holds the pod's namespaces and does nothing else.
 *
 * Rules
 * - Every argument is a directory that is made writable for everyone (0777) at the
 *   start: the pod's emptyDir volumes. One that cannot be is an exit with code 1.
 * - As process 1 of a pod that shares its processes it reaps whatever is left to it.
 * - It ends, with code 0, at SIGTERM and SIGINT.
 * - No C library, so that the binary is some hundred bytes and takes no memory.
 *
 * Built by `make pause` (scripts/pause); the binaries are in the repository.
 */

typedef unsigned long word;

enum { AT_FDCWD_ = -100, SIGINT_ = 2, SIGTERM_ = 15, SIGCHLD_ = 17, WNOHANG_ = 1 };

#if defined(__x86_64__)
enum { WAIT4 = 61, FCHMODAT = 268, SIGPROCMASK = 14, SIGTIMEDWAIT = 128, EXIT = 231 };

static long call(long number, long a, long b, long c, long d)
{
    long result;
    register long r10 __asm__("r10") = d;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10)
                     : "rcx", "r11", "memory");
    return result;
}

__asm__(".globl _start\n_start: mov %rsp, %rdi\n and $-16, %rsp\n call run\n");

#elif defined(__aarch64__)
enum { WAIT4 = 260, FCHMODAT = 53, SIGPROCMASK = 135, SIGTIMEDWAIT = 137, EXIT = 94 };

static long call(long number, long a, long b, long c, long d)
{
    register long x8 __asm__("x8") = number;
    register long x0 __asm__("x0") = a;
    register long x1 __asm__("x1") = b;
    register long x2 __asm__("x2") = c;
    register long x3 __asm__("x3") = d;
    __asm__ volatile("svc 0"
                     : "+r"(x0)
                     : "r"(x8), "r"(x1), "r"(x2), "r"(x3)
                     : "memory");
    return x0;
}

__asm__(".globl _start\n_start: mov x0, sp\n bl run\n");

#else
#error "pause knows x86-64 and aarch64 only"
#endif

static word bit(int signal)
{
    return 1UL << (signal - 1);
}

/* `stack` is what the kernel leaves at the start: argc, then argv. */
__attribute__((used, noreturn)) void run(long *stack)
{
    word wanted = bit(SIGINT_) | bit(SIGTERM_) | bit(SIGCHLD_);
    char **argv = (char **)(stack + 1);

    call(SIGPROCMASK, 0, (long)&wanted, 0, sizeof wanted);
    for (long i = 1; i < stack[0]; i++)
        if (call(FCHMODAT, AT_FDCWD_, (long)argv[i], 0777, 0) < 0)
            call(EXIT, 1, 0, 0, 0);
    for (;;) {
        long signal = call(SIGTIMEDWAIT, (long)&wanted, 0, 0, sizeof wanted);

        if (signal == SIGINT_ || signal == SIGTERM_)
            call(EXIT, 0, 0, 0, 0);
        while (signal == SIGCHLD_ && call(WAIT4, -1, 0, WNOHANG_, 0) > 0)
            ;
    }
}
