/* The process of a pod's sandbox: holds the pod's namespaces and does nothing else.
 *
 *     pause [DIRECTORY...]
 *     pause forward PORT
 *
 * Rules
 * - An argument is a directory that is made writable for everyone (0777) at the start:
 *   the pod's emptyDir volumes. One that cannot be is an exit with code 1.
 * - After an argument @GROUP, a number, directories are also given to that group, and
 *   what is made in them belongs to it (02777). This process is a member of the group,
 *   and so needs no capability for that.
 * - An argument +PATH has empty files made, PATH_0 to PATH_31, that everyone may write:
 *   the termination messages of a container's first attempts. What is there stays; one
 *   that cannot be made is made by who misses it.
 * - As process 1 of a pod that shares its processes it reaps whatever is left to it.
 * - It ends, with code 0, at SIGTERM and SIGINT.
 * - `forward` is run beside it for port-forward: it connects to the port on the pod's own
 *   loopback, writes one byte when that is done, and copies stdin there and what comes
 *   back to stdout. If it cannot connect, the error's number is its exit code.
 * - No C library, so that the binary is small and takes no memory.
 *
 * Built by `make pause` (scripts/pause); the binaries are in the repository.
 */

typedef unsigned long word;

enum { FILES = 32, LONGEST = 255, REGULAR_0666 = 0100666 };

enum { AT_FDCWD_ = -100, SETGID_ = 02000, SIGINT_ = 2, SIGTERM_ = 15, SIGCHLD_ = 17, WNOHANG_ = 1 };
enum { EINTR_ = 4, SIGKILL_ = 9, PR_SET_PDEATHSIG_ = 1, SHUT_WR_ = 1 };
enum { AF_INET_ = 2, AF_INET6_ = 10, SOCK_STREAM_ = 1, SOL_SOCKET_ = 1, SO_SNDTIMEO_ = 21 };

#if defined(__x86_64__)
enum { WAIT4 = 61, FCHMODAT = 268, SIGPROCMASK = 14, SIGTIMEDWAIT = 128, EXIT = 231 };
enum { READ = 0, WRITE = 1, CLOSE = 3, SOCKET = 41, CONNECT = 42, SHUTDOWN = 48 };
enum { SETSOCKOPT = 54, CLONE = 56, PRCTL = 157 };
enum { MKNODAT = 259, UMASK = 95, FCHOWNAT = 260 };

static long call5(long number, long a, long b, long c, long d, long e)
{
    long result;
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
                     : "rcx", "r11", "memory");
    return result;
}

__asm__(".globl _start\n_start: mov %rsp, %rdi\n and $-16, %rsp\n call run\n");

#elif defined(__aarch64__)
enum { WAIT4 = 260, FCHMODAT = 53, SIGPROCMASK = 135, SIGTIMEDWAIT = 137, EXIT = 94 };
enum { READ = 63, WRITE = 64, CLOSE = 57, SOCKET = 198, CONNECT = 203, SHUTDOWN = 210 };
enum { SETSOCKOPT = 208, CLONE = 220, PRCTL = 167 };
enum { MKNODAT = 33, UMASK = 166, FCHOWNAT = 54 };

static long call5(long number, long a, long b, long c, long d, long e)
{
    register long x8 __asm__("x8") = number;
    register long x0 __asm__("x0") = a;
    register long x1 __asm__("x1") = b;
    register long x2 __asm__("x2") = c;
    register long x3 __asm__("x3") = d;
    register long x4 __asm__("x4") = e;
    __asm__ volatile("svc 0"
                     : "+r"(x0)
                     : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4)
                     : "memory");
    return x0;
}

__asm__(".globl _start\n_start: mov x0, sp\n bl run\n");

#else
#error "pause knows x86-64 and aarch64 only"
#endif

static long call(long number, long a, long b, long c, long d)
{
    return call5(number, a, b, c, d, 0);
}

static word bit(int signal)
{
    return 1UL << (signal - 1);
}

static unsigned char inet[16] = {AF_INET_, 0, 0, 0, 127, 0, 0, 1};
static unsigned char inet6[28] = {AF_INET6_, [23] = 1};
static long seconds[2] = {5, 0}, for_ever[2];
static char buffer[1 << 15];

/* A connection to the address, or the error's number below zero. */
static long connected(unsigned char *address, long length, long port)
{
    long made = call(SOCKET, address[0], SOCK_STREAM_, 0, 0), error;

    if (made < 0)
        return made;
    address[2] = port >> 8;
    address[3] = port;
    call5(SETSOCKOPT, made, SOL_SOCKET_, SO_SNDTIMEO_, (long)seconds, sizeof seconds);
    error = call(CONNECT, made, (long)address, length, 0);
    call5(SETSOCKOPT, made, SOL_SOCKET_, SO_SNDTIMEO_, (long)for_ever, sizeof for_ever);
    if (error >= 0)
        return made;
    call(CLOSE, made, 0, 0, 0);
    return error;
}

static void copy(long from, long to)
{
    for (;;) {
        long got = call(READ, from, (long)buffer, sizeof buffer, 0);

        if (got == -EINTR_)
            continue;
        if (got <= 0)
            return;
        for (long done = 0, put; done < got; done += put) {
            put = call(WRITE, to, (long)(buffer + done), got - done, 0);
            if (put == -EINTR_)
                put = 0;
            if (put < 0)
                return;
        }
    }
}

__attribute__((noreturn)) static void leave(long code)
{
    for (;;)
        call(EXIT, code, 0, 0, 0);
}

static long number(const char *digits)
{
    long value = 0;

    for (; *digits; digits++)
        value = value * 10 + *digits - '0';
    return value;
}

__attribute__((noreturn)) static void forward(const char *digits)
{
    long port = number(digits), error, peer;

    peer = error = connected(inet, sizeof inet, port);
    if (peer < 0)
        peer = connected(inet6, sizeof inet6, port);
    if (peer < 0)
        leave(-error);
    call(WRITE, 1, (long)"+", 1, 0);
    /* Two processes, so that neither direction waits for the other. */
    if (call5(CLONE, SIGCHLD_, 0, 0, 0, 0) == 0) {
        call(PRCTL, PR_SET_PDEATHSIG_, SIGKILL_, 0, 0);
        call(CLOSE, 1, 0, 0, 0);
        call(CLOSE, 2, 0, 0, 0);
        copy(0, peer);
        call(SHUTDOWN, peer, SHUT_WR_, 0, 0);
    } else {
        copy(peer, 1);
    }
    leave(0);
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

/* Makes a directory writable for everyone; a group below zero leaves it its own. */
static long open_up(const char *path, long group)
{
    long mode = 0777;

    if (group >= 0) {
        long error = call5(FCHOWNAT, AT_FDCWD_, (long)path, -1, group, 0);

        if (error < 0)
            return error;
        mode |= SETGID_;
    }
    return call(FCHMODAT, AT_FDCWD_, (long)path, mode, 0);
}

/* `stack` is what the kernel leaves at the start: argc, then argv. */
__attribute__((used, noreturn)) void run(long *stack)
{
    word wanted = bit(SIGINT_) | bit(SIGTERM_) | bit(SIGCHLD_);
    char **argv = (char **)(stack + 1);
    long group = -1;

    if (stack[0] == 3 && argv[1][0] == 'f')
        forward(argv[2]);
    call(SIGPROCMASK, 0, (long)&wanted, 0, sizeof wanted);
    call(UMASK, 0, 0, 0, 0);
    for (long i = 1; i < stack[0]; i++)
        if (argv[i][0] == '+')
            make_files(argv[i] + 1);
        else if (argv[i][0] == '@')
            group = number(argv[i] + 1);
        else if (open_up(argv[i], group) < 0)
            leave(1);
    for (;;) {
        long signal = call(SIGTIMEDWAIT, (long)&wanted, 0, 0, sizeof wanted);

        if (signal == SIGINT_ || signal == SIGTERM_)
            leave(0);
        while (signal == SIGCHLD_ && call(WAIT4, -1, 0, WNOHANG_, 0) > 0)
            ;
    }
}
