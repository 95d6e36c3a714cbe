/* Kill the processes of commands that timed out.
 *
 *     pause end NAME=LIFE-COMMAND...
 *
 * Rules
 * - Runs in a container of its own that joins the PID namespace of the container in which
 *   the commands run; the engine offers no other way to kill them.
 * - A process belongs to a command if one of the variables, with which the command was
 *   started, is in its environment, or if its parent belongs to the command.
 * - LIFE identifies a run of the daemon. A command of another run, for which nobody waits
 *   any more, is killed too. It still runs if its process has a parent outside the
 *   namespace; processes that an ended command left behind on purpose are spared.
 * - Repeats until nothing is found, since processes may start others meanwhile, but for
 *   at most a second: a frozen process cannot die. Exits with 0 if nothing is left,
 *   otherwise with 1.
 */

#include "end.h"

enum { MOST = 8192, PIECE = 4096, LONGEST_VARIABLE = 63, PASSES = 50 };
enum { LIFE = 8, COMMAND = 8 };
enum { AT_FDCWD_ = -100, SIGKILL_ = 9 };
enum { PIDFD_OPEN = 434, PIDFD_SEND_SIGNAL = 424 };

#if defined(__x86_64__)
enum { READ = 0, CLOSE = 3, OPENAT = 257, GETDENTS64 = 217, NANOSLEEP = 35 };
enum { DIRECTORY_ = 0200000 };
#else
enum { READ = 63, CLOSE = 57, OPENAT = 56, GETDENTS64 = 61, NANOSLEEP = 101 };
enum { DIRECTORY_ = 040000 };
#endif
struct process {
    int id, parent, is_ours;
    long handle;
};

static struct process found[MOST];
static int count;
static char piece[PIECE];

static long call3(long number, long a, long b, long c)
{
    return call5(number, a, b, c, 0, 0);
}

/* Opens /proc/ID/NAME. */
static long open_file(const char *id, const char *name)
{
    char path[64] = "/proc/";
    int at = 6;

    while (*id && at < 40)
        path[at++] = *id++;
    path[at++] = '/';
    while (*name)
        path[at++] = *name++;
    path[at] = 0;
    return call3(OPENAT, AT_FDCWD_, (long)path, 0);
}

static int is_same(const char *one, const char *other)
{
    while (*one && *one == *other)
        one++, other++;
    return *one == *other;
}

/* Whether `variable` is a mark that has another life than `mark` has. */
static int is_of_another_life(const char *variable, const char *mark)
{
    int differs = 0, length = 0;

    while (*variable == *mark && *mark != '=')
        variable++, mark++;
    if (*variable++ != '=' || *mark++ != '=')
        return 0;
    for (int i = 0; i < LIFE && variable[i]; i++)
        differs |= variable[i] != mark[i];
    while (variable[length])
        length++;
    return differs && length == LIFE + 1 + COMMAND && variable[LIFE] == '-';
}

static int is_marked(const char *id, int parent, char **variables)
{
    long file = open_file(id, "environ"), got;
    char variable[LONGEST_VARIABLE + 1];
    int length = 0, yes = 0;

    if (file < 0)
        return 0;
    while (!yes && (got = call3(READ, file, (long)piece, PIECE)) > 0)
        for (long i = 0; i < got && !yes; i++) {
            if (piece[i]) {
                if (length < LONGEST_VARIABLE)
                    variable[length] = piece[i];
                length++;
                continue;
            }
            if (length <= LONGEST_VARIABLE) {
                variable[length] = 0;
                yes = !parent && is_of_another_life(variable, *variables);
                for (char **one = variables; *one && !yes; one++)
                    yes = is_same(variable, *one);
            }
            length = 0;
        }
    call3(CLOSE, file, 0, 0);
    return yes;
}

/* The fourth word of `stat`, behind a name that may contain anything. */
static int parent_of(const char *id)
{
    long file = open_file(id, "stat"), got, at;
    int parent = 0;

    if (file < 0)
        return 0;
    got = call3(READ, file, (long)piece, PIECE);
    call3(CLOSE, file, 0, 0);
    for (at = got - 1; at >= 0 && piece[at] != ')'; at--)
        ;
    if (at < 0)
        return 0;
    for (at += 4; at < got && piece[at] >= '0' && piece[at] <= '9'; at++)
        parent = parent * 10 + piece[at] - '0';
    return parent;
}

static void note(const char *name, char **variables)
{
    struct process *one = &found[count];
    int id = 0;

    for (const char *digit = name; *digit; digit++) {
        if (*digit < '0' || *digit > '9')
            return;
        id = id * 10 + *digit - '0';
    }
    if (id < 2 || count == MOST)
        return;
    one->id = id;
    /* Before it is looked at, so that no other process of this number is killed. */
    one->handle = call3(PIDFD_OPEN, id, 0, 0);
    if (one->handle < 0)
        return;
    one->parent = parent_of(name);
    one->is_ours = is_marked(name, one->parent, variables);
    count++;
}

static void look(char **variables)
{
    static char names[PIECE];
    long folder = call3(OPENAT, AT_FDCWD_, (long)"/proc", DIRECTORY_), got;

    count = 0;
    while ((got = call3(GETDENTS64, folder, (long)names, sizeof names)) > 0)
        for (long at = 0; at < got; at += *(unsigned short *)(names + at + 16))
            note(names + at + 19, variables);
    call3(CLOSE, folder, 0, 0);
}

static void add_descendants(void)
{
    for (int has_grown = 1; has_grown;) {
        has_grown = 0;
        for (int i = 0; i < count; i++)
            for (int j = 0; j < count && !found[i].is_ours; j++)
                if (found[j].is_ours && found[i].parent == found[j].id)
                    found[i].is_ours = has_grown = 1;
    }
}

static int kill_all(void)
{
    int killed = 0;

    for (int i = 0; i < count; i++) {
        if (found[i].is_ours) {
            call3(PIDFD_SEND_SIGNAL, found[i].handle, SIGKILL_, 0);
            killed++;
        }
        call3(CLOSE, found[i].handle, 0, 0);
    }
    return killed;
}

void end(char **variables)
{
    static const long moment[2] = {0, 20000000};

    for (int pass = 0; pass < PASSES; pass++) {
        look(variables);
        add_descendants();
        if (!kill_all())
            leave(0);
        call3(NANOSLEEP, (long)moment, 0, 0);
    }
    leave(1);
}
