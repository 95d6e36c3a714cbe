/* The process of a pod's sandbox: holds the pod's namespaces and does nothing else.
 *
 * Rules
 * - An argument is a directory that is made writable for everyone (0777) at the start:
 *   the pod's emptyDir volumes. One that cannot be is an exit with code 1.
 * - An argument +PATH has empty files made, PATH_0 to PATH_31, that everyone may write:
 *   the termination messages of a container's first attempts. What is there stays; one
 *   that cannot be made is made by who misses it.
 * - As process 1 of a pod that shares its processes it reaps whatever is left to it.
 * - It ends, with code 0, at SIGTERM and SIGINT.
 * - No C library, so that the binary is some hundred bytes and takes no memory.
 *
 * Built by `make pause` (scripts/pause); the binaries are in the repository.
 */

typedef unsigned long word;

enum { FILES = 32, LONGEST = 255, REGULAR_0666 = 0100666 };

enum { AT_FDCWD_ = -100, SIGINT_ = 2, SIGTERM_ = 15, SIGCHLD_ = 17, WNOHANG_ = 1 };

#if defined(__x86_64__)
enum { WAIT4 = 61, FCHMODAT = 268, SIGPROCMASK = 14, SIGTIMEDWAIT = 128, EXIT = 231 };
enum { MKNODAT = 259, UMASK = 95 };

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
enum { MKNODAT = 33, UMASK = 166 };

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

static void make_files(const char *path)
{
    char name[LONGEST + sizeof "_31"];
    word end = 0;

    while (path[end] && end < LONGEST) {
        name[end] = path[end];
        end++;
    }
    name[end++] = '_';
    for (int number = 0; number < FILES; number++) {
        word at = end;

        if (number > 9)
            name[at++] = '0' + number / 10;
        name[at++] = '0' + number % 10;
        name[at] = 0;
        call(MKNODAT, AT_FDCWD_, (long)name, REGULAR_0666, 0);
    }
}

/* `stack` is what the kernel leaves at the start: argc, then argv. */
__attribute__((used, noreturn)) void run(long *stack)
{
    word wanted = bit(SIGINT_) | bit(SIGTERM_) | bit(SIGCHLD_);
    char **argv = (char **)(stack + 1);

    call(SIGPROCMASK, 0, (long)&wanted, 0, sizeof wanted);
    call(UMASK, 0, 0, 0, 0);
    for (long i = 1; i < stack[0]; i++)
        if (argv[i][0] == '+')
            make_files(argv[i] + 1);
        else if (call(FCHMODAT, AT_FDCWD_, (long)argv[i], 0777, 0) < 0)
            call(EXIT, 1, 0, 0, 0);
    for (;;) {
        long signal = call(SIGTIMEDWAIT, (long)&wanted, 0, 0, sizeof wanted);

        if (signal == SIGINT_ || signal == SIGTERM_)
            call(EXIT, 0, 0, 0, 0);
        while (signal == SIGCHLD_ && call(WAIT4, -1, 0, WNOHANG_, 0) > 0)
            ;
    }
}
