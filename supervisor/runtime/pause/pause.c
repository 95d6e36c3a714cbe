/* The process of a pod's sandbox: holds the pod's namespaces and does nothing else.
 *
 *     pause [ARGUMENT...]
 *     pause forward PORT
 *     pause swap FROM TO [OLD...]
 *     pause create PATH
 *     pause print PATH...
 *     pause end NAME=VALUE...
 *
 * Rules
 * - A plain argument is a directory that is made writable for everyone (0777) at the
 *   start: the pod's emptyDir volumes. If that fails, the exit code is 1.
 * - After an argument @GROUP, a number, directories also get that group and the setgid
 *   bit (02777), so that files created in them belong to it. This process is a member of
 *   the group and so needs no capability for that.
 * - ~PATH does the same for a directory that is empty, if it can: a new volume that
 *   outlives the pod. What a container has made of an older one stays.
 * - +PATH creates empty files, PATH_0 to PATH_31, that everyone may write: the
 *   termination messages of a container's first attempts. Existing files are kept; files
 *   that cannot be created here are created when they are needed.
 * - =PATH starts a file that everyone may read. The following arguments are written to
 *   it: the text after a ", and for <PATH the content of that file. This is how
 *   /etc/hosts and /etc/resolv.conf of the pod's containers are made from the engine's.
 * - As PID 1 of a pod that shares its PID namespace, it reaps orphaned processes.
 * - It exits with code 0 on SIGTERM and SIGINT.
 * - `forward` is executed in the sandbox for port-forward: it connects to the port on the
 *   pod's loopback address, writes one byte when it is connected, and copies stdin to the
 *   connection and the connection to stdout. If it cannot connect, it exits with errno.
 * - `swap` renames FROM to TO, which it replaces; if it cannot, it exits with errno. Two
 *   seconds later it removes each OLD: a file, a link or an empty directory. This is how
 *   the files of a volume are replaced at once; who reads the old ones can finish.
 * - `create` creates an empty file unless it exists. If it cannot, it exits with errno.
 * - `print` writes the content of files to stdout. If it cannot, it exits with errno.
 * - `end` is implemented in end.c.
 * - No C library, so that the binary is small and takes little memory.
 *
 * Built by `make pause` (scripts/pause); the binaries are in the repository.
 */

#include "end.h"

typedef unsigned long word;

enum { FILES = 32, LONGEST = 255, REGULAR_0666 = 0100666 };

enum { AT_FDCWD_ = -100, SIGINT_ = 2, SIGTERM_ = 15, SIGCHLD_ = 17, WNOHANG_ = 1 };
enum { O_RDONLY_ = 0, O_WRONLY_ = 01, O_CREAT_ = 0100, O_TRUNC_ = 01000, SETGID_ = 02000 };
enum { EMPTY = 48 };
enum { EISDIR_ = 21, AT_REMOVEDIR_ = 0x200 };
enum { EINTR_ = 4, SIGKILL_ = 9, PR_SET_PDEATHSIG_ = 1, SHUT_WR_ = 1 };
enum { AF_INET_ = 2, AF_INET6_ = 10, SOCK_STREAM_ = 1, SOL_SOCKET_ = 1, SO_SNDTIMEO_ = 21 };
enum { IPPROTO_TCP_ = 6, TCP_NODELAY_ = 1 };

#if defined(__x86_64__)
enum { WAIT4 = 61, FCHMODAT = 268, SIGPROCMASK = 14, SIGTIMEDWAIT = 128, EXIT = 231 };
enum { READ = 0, WRITE = 1, CLOSE = 3, SOCKET = 41, CONNECT = 42, SHUTDOWN = 48 };
enum { SETSOCKOPT = 54, CLONE = 56, PRCTL = 157 };
enum { MKNODAT = 259, UMASK = 95, OPENAT = 257, FCHOWNAT = 260 };
enum { RENAMEAT = 264, UNLINKAT = 263, NANOSLEEP = 35, GETDENTS = 217 };

long call5(long number, long a, long b, long c, long d, long e)
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
enum { MKNODAT = 33, UMASK = 166, OPENAT = 56, FCHOWNAT = 54 };
enum { RENAMEAT = 38, UNLINKAT = 35, NANOSLEEP = 101, GETDENTS = 61 };

long call5(long number, long a, long b, long c, long d, long e)
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
static long seconds[2] = {5, 0}, two_seconds[2] = {2, 0}, for_ever[2];
static int yes = 1;
static char buffer[1 << 15];

/* Returns a connected socket, or the negative errno. */
static long connected(unsigned char *address, long length, long port)
{
    long made = call(SOCKET, address[0], SOCK_STREAM_, 0, 0), error;

    if (made < 0)
        return made;
    address[2] = port >> 8;
    address[3] = port;
    call5(SETSOCKOPT, made, SOL_SOCKET_, SO_SNDTIMEO_, (long)seconds, sizeof seconds);
    call5(SETSOCKOPT, made, IPPROTO_TCP_, TCP_NODELAY_, (long)&yes, sizeof yes);
    error = call(CONNECT, made, (long)address, length, 0);
    call5(SETSOCKOPT, made, SOL_SOCKET_, SO_SNDTIMEO_, (long)for_ever, sizeof for_ever);
    if (error >= 0)
        return made;
    call(CLOSE, made, 0, 0, 0);
    return error;
}

/* Returns whether everything was written. */
static int put_all(long to, const char *data, long length)
{
    for (long done = 0, put; done < length; done += put) {
        put = call(WRITE, to, (long)(data + done), length - done, 0);
        if (put == -EINTR_)
            put = 0;
        if (put < 0)
            return 0;
    }
    return 1;
}

static void copy(long from, long to)
{
    for (;;) {
        long got = call(READ, from, (long)buffer, sizeof buffer, 0);

        if (got == -EINTR_)
            continue;
        if (got <= 0 || !put_all(to, buffer, got))
            return;
    }
}

void leave(long code)
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

/* `argv` ends with a null pointer. */
__attribute__((noreturn)) static void swap(char **argv)
{
    long error = call(RENAMEAT, AT_FDCWD_, (long)argv[0], AT_FDCWD_, (long)argv[1]);

    if (error < 0)
        leave(-error);
    if (call5(CLONE, SIGCHLD_, 0, 0, 0, 0) != 0)
        leave(0);
    for (long file = 0; file < 3; file++)
        call(CLOSE, file, 0, 0, 0);
    call(NANOSLEEP, (long)two_seconds, 0, 0, 0);
    for (char **old = argv + 2; *old; old++)
        if (call(UNLINKAT, AT_FDCWD_, (long)*old, 0, 0) == -EISDIR_)
            call(UNLINKAT, AT_FDCWD_, (long)*old, AT_REMOVEDIR_, 0);
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

static long opened(const char *path, long flags)
{
    return call(OPENAT, AT_FDCWD_, (long)path, flags, 0644);
}

__attribute__((noreturn)) static void create(const char *path)
{
    long made = opened(path, O_WRONLY_ | O_CREAT_);

    leave(made < 0 ? -made : 0);
}

static void put_text(long to, const char *text)
{
    long length = 0;

    while (text[length])
        length++;
    put_all(to, text, length);
}

static void put_file(long to, const char *path)
{
    long from = opened(path, O_RDONLY_);

    if (from < 0)
        return;
    copy(from, to);
    call(CLOSE, from, 0, 0, 0);
}

/* `paths` ends with a null pointer. */
__attribute__((noreturn)) static void print(char **paths)
{
    for (; *paths; paths++) {
        long from = opened(*paths, O_RDONLY_);

        if (from < 0)
            leave(-from);
        copy(from, 1);
        call(CLOSE, from, 0, 0, 0);
    }
    leave(0);
}

/* Makes a directory writable for everyone; a negative group is not changed. */
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

/* Returns whether a directory has only the entries . and .. */
static int is_empty(const char *path)
{
    long directory = opened(path, O_RDONLY_), got;

    if (directory < 0)
        return 0;
    got = call(GETDENTS, directory, (long)buffer, sizeof buffer, 0);
    call(CLOSE, directory, 0, 0, 0);
    return got > 0 && got <= EMPTY;
}

/* Handles one argument; `made` is the file that =PATH has started, `group` the number of
 * @GROUP. */
static void prepare(const char *argument, long *made, long *group)
{
    switch (argument[0]) {
    case '+':
        make_files(argument + 1);
        break;
    case '=':
        if (*made >= 0)
            call(CLOSE, *made, 0, 0, 0);
        *made = opened(argument + 1, O_WRONLY_ | O_CREAT_ | O_TRUNC_);
        break;
    case '@':
        *group = number(argument + 1);
        break;
    case '~':
        if (is_empty(argument + 1))
            open_up(argument + 1, *group);
        break;
    case '"':
        put_text(*made, argument + 1);
        break;
    case '<':
        put_file(*made, argument + 1);
        break;
    default:
        if (open_up(argument, *group) < 0)
            leave(1);
    }
}

/* `stack` is the initial stack: argc, then argv. */
__attribute__((used, noreturn)) void run(long *stack)
{
    word wanted = bit(SIGINT_) | bit(SIGTERM_) | bit(SIGCHLD_);
    char **argv = (char **)(stack + 1);
    long made = -1, group = -1;

    if (stack[0] == 3 && argv[1][0] == 'f')
        forward(argv[2]);
    if (stack[0] == 3 && argv[1][0] == 'c')
        create(argv[2]);
    if (stack[0] > 3 && argv[1][0] == 's')
        swap(argv + 2);
    if (stack[0] > 2 && argv[1][0] == 'p')
        print(argv + 2);
    if (stack[0] > 2 && argv[1][0] == 'e')
        end(argv + 2);
    call(SIGPROCMASK, 0, (long)&wanted, 0, sizeof wanted);
    call(UMASK, 0, 0, 0, 0);
    for (long i = 1; i < stack[0]; i++)
        prepare(argv[i], &made, &group);
    if (made >= 0)
        call(CLOSE, made, 0, 0, 0);
    for (;;) {
        long signal = call(SIGTIMEDWAIT, (long)&wanted, 0, 0, sizeof wanted);

        if (signal == SIGINT_ || signal == SIGTERM_)
            leave(0);
        while (signal == SIGCHLD_ && call(WAIT4, -1, 0, WNOHANG_, 0) > 0)
            ;
    }
}
