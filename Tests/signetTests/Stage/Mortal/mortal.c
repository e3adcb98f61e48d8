// Makes a program mortal: loaded into it before it begins (LD_PRELOAD), this kills it at whichever step it is told to, of all by
// which it touches the world outside its memory. MortalProcess.swift gives the orders.
//
// A step is a call that touches a file of one folder, or a connection of one port. Where a call moves bytes over the connection,
// or writes a file from its beginning to its end, each byte is a step: those before it really went, and it did not. What leaves
// nothing behind is no step: looking at a file's attributes, shared locks, reading a database's pages, and a call to which the
// system says "not now". The pages that a database writes are its engine's business: there the whole call is one step.
//
// The process that is started never becomes the program. It waits at a port of 127.0.0.1, the door, and forks a life for each
// order: what comes before the program's first thread, which is most of its beginning, is paid once.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { descriptors = 1024, names = 64, most_pieces = 16 };

/// What is shared between a life and the process at the door, which survives it.
struct fate {
    /// The step to die at: so many bytes into a call, counted from 1 among those of its name in its place; or so many bytes into
    /// all that a connection is given or gives. No name: it lives on.
    char call[16], place[names];
    unsigned number;
    size_t byte;
    /// How many of those calls are done.
    unsigned done;
    bool is_met;
    /// One line for each call since the doom was set: its name, where, and how many bytes went.
    char trace[64 * 1024];
    size_t traced;
    /// One step at a time, so that the trace has them in the order in which they were done.
    pthread_mutex_t turn;
};

static struct fate *fate;
static const char *folder;
static int port;
static int listening = -1;
/// For each descriptor that counts, what it stands for.
static char places[descriptors][names];

// MARK: Steps

static bool counts(int descriptor) {
    return fate != NULL && descriptor >= 0 && descriptor < descriptors && places[descriptor][0] != 0;
}

static void stand_for(int descriptor, const char *place) {
    if (descriptor >= 0 && descriptor < descriptors) snprintf(places[descriptor], names, "%s", place);
}

/// The path below the folder; NULL for one that does not count.
static const char *place_of(const char *path) {
    if (fate == NULL || folder == NULL) return NULL;
    size_t length = strlen(folder);
    if (strncmp(path, folder, length) != 0) return NULL;
    if (path[length] == 0) return ".";
    return path[length] == '/' ? path + length + 1 : NULL;
}

static bool is_of_port(const struct sockaddr *address) {
    return fate != NULL && address->sa_family == AF_INET && ntohs(((const struct sockaddr_in *)address)->sin_port) == port;
}

static bool is_doomed(const char *call, const char *place) {
    return strcmp(fate->call, call) == 0 && strcmp(fate->place, place) == 0;
}

/// How many of a call's bytes may go before death comes; -1 when it does not come in this call.
static long last_bytes(const char *call, const char *place, size_t count) {
    if (!is_doomed(call, place) || fate->done + 1 != fate->number) return -1;
    return fate->byte < count ? (long)fate->byte : -1;
}

static void die(void) {
    fate->is_met = true;
    kill(getpid(), SIGKILL);
    // The other threads end before they can take a turn.
    for (;;) pause();
}

static void note(const char *call, const char *place, long bytes) {
    int error = errno;
    size_t room = sizeof fate->trace - fate->traced;
    int length = snprintf(fate->trace + fate->traced, room, "%s %s %ld\n", call, place, bytes);
    if (length > 0 && (size_t)length < room) fate->traced += (size_t)length;
    if (is_doomed(call, place)) {
        // How often the bytes of a connection are asked for is chance: they are counted as one stream.
        if (bytes > 0 && strcmp(place, "connection") == 0) fate->byte -= (size_t)bytes;
        else fate->done++;
    }
    errno = error;
}

#define happened(result) ((result) >= 0 || (errno != EAGAIN && errno != EINTR))

/// A call that is one step.
#define STEP(call, place, doing) ({ \
    pthread_mutex_lock(&fate->turn); \
    if (last_bytes(call, place, 1) == 0) die(); \
    long result = (doing); \
    if (happened(result)) note(call, place, 0); \
    pthread_mutex_unlock(&fate->turn); \
    result; \
})

/// A call of which each byte is a step; `doing` moves at most `limit` bytes.
#define BYTES(call, descriptor, count, doing) ({ \
    pthread_mutex_lock(&fate->turn); \
    const char *place = places[descriptor]; \
    long last = last_bytes(call, place, (count) > 0 ? (count) : 1); \
    if (last == 0) die(); \
    size_t limit = last < 0 ? (count) : (size_t)last; \
    long result = (doing); \
    if (result == last) die(); \
    if (happened(result)) note(call, place, result); \
    pthread_mutex_unlock(&fate->turn); \
    result; \
})

/// A call that is one step where its descriptor counts.
#define TOUCHING(descriptor, call, doing) (counts(descriptor) ? STEP(call, places[descriptor], doing) : (doing))

/// A call that is one step where its path counts.
#define NAMING(path, call, doing) ({ \
    const char *named = place_of(path); \
    named != NULL ? STEP(call, named, doing) : (doing); \
})

// MARK: The calls

int open(const char *path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = va_arg(arguments, mode_t);
    va_end(arguments);
    int descriptor = (int)NAMING(path, "open", syscall(SYS_openat, AT_FDCWD, path, flags, mode));
    if (place_of(path) != NULL) stand_for(descriptor, place_of(path));
    return descriptor;
}

int close(int descriptor) {
    if (!counts(descriptor)) return (int)syscall(SYS_close, descriptor);
    char place[names];
    memcpy(place, places[descriptor], names);
    // Before the number is given to another file, by another thread.
    places[descriptor][0] = 0;
    return (int)STEP("close", place, syscall(SYS_close, descriptor));
}

ssize_t read(int descriptor, void *bytes, size_t count) {
    if (!counts(descriptor)) return syscall(SYS_read, descriptor, bytes, count);
    if (strcmp(places[descriptor], "connection") != 0)
        return STEP("read", places[descriptor], syscall(SYS_read, descriptor, bytes, count));
    return BYTES("read", descriptor, count, syscall(SYS_read, descriptor, bytes, limit));
}

ssize_t write(int descriptor, const void *bytes, size_t count) {
    if (!counts(descriptor)) return syscall(SYS_write, descriptor, bytes, count);
    return BYTES("write", descriptor, count, syscall(SYS_write, descriptor, bytes, limit));
}

static ssize_t write_pieces(int descriptor, const struct iovec *pieces, int number, size_t limit) {
    struct iovec first[most_pieces];
    int used = 0;
    for (; used < number && used < most_pieces && limit > 0; used++) {
        first[used] = pieces[used];
        if (first[used].iov_len > limit) first[used].iov_len = limit;
        limit -= first[used].iov_len;
    }
    return syscall(SYS_writev, descriptor, first, used);
}

ssize_t writev(int descriptor, const struct iovec *pieces, int number) {
    if (!counts(descriptor)) return syscall(SYS_writev, descriptor, pieces, number);
    size_t count = 0;
    for (int piece = 0; piece < number; piece++) count += pieces[piece].iov_len;
    return BYTES("write", descriptor, count, write_pieces(descriptor, pieces, number, limit));
}

ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t offset) {
    return TOUCHING(descriptor, "pwrite", syscall(SYS_pwrite64, descriptor, bytes, count, offset));
}

int fsync(int descriptor) {
    return (int)TOUCHING(descriptor, "fsync", syscall(SYS_fsync, descriptor));
}

int fdatasync(int descriptor) {
    return (int)TOUCHING(descriptor, "fsync", syscall(SYS_fdatasync, descriptor));
}

int ftruncate(int descriptor, off_t length) {
    return (int)TOUCHING(descriptor, "truncate", syscall(SYS_ftruncate, descriptor, length));
}

int fchmod(int descriptor, mode_t mode) {
    return (int)TOUCHING(descriptor, "chmod", syscall(SYS_fchmod, descriptor, mode));
}

int flock(int descriptor, int operation) {
    if (!counts(descriptor)) return (int)syscall(SYS_flock, descriptor, operation);
    // The step is the moment before: whoever waits here must not hold up the thread that is to give the lock back.
    STEP("lock", places[descriptor], 0);
    return (int)syscall(SYS_flock, descriptor, operation);
}

int fcntl(int descriptor, int command, ...) {
    va_list arguments;
    va_start(arguments, command);
    void *argument = va_arg(arguments, void *);
    va_end(arguments);
    bool locks = command == F_SETLK && ((struct flock *)argument)->l_type == F_WRLCK;
    if (!locks || !counts(descriptor)) return (int)syscall(SYS_fcntl, descriptor, command, argument);
    return (int)STEP("lock", places[descriptor], syscall(SYS_fcntl, descriptor, command, argument));
}

int rename(const char *old, const char *new) {
    return (int)NAMING(new, "rename", syscall(SYS_renameat, AT_FDCWD, old, AT_FDCWD, new));
}

int unlink(const char *path) {
    return (int)NAMING(path, "unlink", syscall(SYS_unlinkat, AT_FDCWD, path, 0));
}

int mkdir(const char *path, mode_t mode) {
    return (int)NAMING(path, "mkdir", syscall(SYS_mkdirat, AT_FDCWD, path, mode));
}

int connect(int descriptor, const struct sockaddr *address, socklen_t length) {
    if (!is_of_port(address)) return (int)syscall(SYS_connect, descriptor, address, length);
    stand_for(descriptor, "connection");
    return (int)STEP("connect", places[descriptor], syscall(SYS_connect, descriptor, address, length));
}

int listen(int descriptor, int backlog) {
    int result = (int)syscall(SYS_listen, descriptor, backlog);
    if (listening >= 0 && result == 0) {
        stand_for(descriptor, "door");
        if (syscall(SYS_write, listening, "!", 1) == 1) syscall(SYS_close, listening);
        listening = -1;
    }
    return result;
}

int accept4(int descriptor, struct sockaddr *address, socklen_t *length, int flags) {
    if (!counts(descriptor)) return (int)syscall(SYS_accept4, descriptor, address, length, flags);
    int connection = (int)STEP("accept", places[descriptor], syscall(SYS_accept4, descriptor, address, length, flags));
    stand_for(connection, "connection");
    return connection;
}

/// Makes a password's hash cheaply. A server makes one when it starts, of nobody's password, which takes longer than all the rest
/// of its start; no renewal makes or compares any.
int argon2id_hash_encoded(
    uint32_t passes, uint32_t memory, uint32_t lanes, const void *password, size_t password_length, const void *salt,
    size_t salt_length, size_t hash_length, char *encoded, size_t encoded_length) {
    int (*hash)(uint32_t, uint32_t, uint32_t, const void *, size_t, const void *, size_t, size_t, char *, size_t) =
        dlsym(RTLD_NEXT, "argon2id_hash_encoded");
    if (fate != NULL) memory = 8 * lanes;
    return hash(passes, memory, lanes, password, password_length, salt, salt_length, hash_length, encoded, encoded_length);
}

// SQLite calls them by these names.
int open64(const char *path, int flags, ...) __attribute__((alias("open")));
ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off_t offset) __attribute__((alias("pwrite")));
int ftruncate64(int descriptor, off_t length) __attribute__((alias("ftruncate")));
int fcntl64(int descriptor, int command, ...) __attribute__((alias("fcntl")));

// MARK: Lives

/// Forgets what was, and sets the step that an order names, if it names one.
static void set_doom(const char *order) {
    pthread_mutex_lock(&fate->turn);
    fate->call[0] = 0;
    sscanf(order, "%*s %15s %63s %u %zu", fate->call, fate->place, &fate->number, &fate->byte);
    fate->done = 0;
    fate->is_met = false;
    fate->traced = 0;
    fate->trace[0] = 0;
    pthread_mutex_unlock(&fate->turn);
}

/// True in the new life.
static bool begin(const char *order, pid_t *life) {
    pthread_mutexattr_t shared;
    pthread_mutexattr_init(&shared);
    pthread_mutexattr_setpshared(&shared, PTHREAD_PROCESS_SHARED);
    // The life before may have died in its turn.
    pthread_mutex_init(&fate->turn, &shared);
    set_doom(order);
    *life = fork();
    return *life == 0;
}

static void report_end(FILE *report, pid_t life) {
    int status = 0;
    while (waitpid(life, &status, 0) < 0 && errno == EINTR) {}
    if (WIFEXITED(status)) fprintf(report, "exited %d\n", WEXITSTATUS(status));
    else fprintf(report, fate->is_met ? "died\n" : "signal %d\n", WTERMSIG(status));
    fputs(fate->trace, report);
}

/// Obeys an order; true in the new life that it has begun.
static bool obey(const char *order, FILE *report, pid_t *life) {
    if (strncmp(order, "live", 4) == 0) {
        if (begin(order, life)) return true;
        report_end(report, *life);
    } else if (strncmp(order, "serve", 5) == 0) {
        int ends[2];
        if (pipe(ends) != 0) return false;
        listening = ends[1];
        if (begin(order, life)) {
            syscall(SYS_close, ends[0]);
            return true;
        }
        listening = -1;
        syscall(SYS_close, ends[1]);
        char byte;
        if (syscall(SYS_read, ends[0], &byte, 1) == 1) fputs("listening\n", report);
        else report_end(report, *life);
        syscall(SYS_close, ends[0]);
    } else if (strncmp(order, "doom", 4) == 0) {
        set_doom(order);
        fputs("doomed\n", report);
    } else if (strncmp(order, "trace", 5) == 0) {
        fputs("alive\n", report);
        fputs(fate->trace, report);
    } else if (strncmp(order, "wait", 4) == 0) {
        report_end(report, *life);
    }
    return false;
}

static void wait_at_the_door(void) {
    const char *door = getenv("MORTAL_DOOR");
    if (door == NULL) return;
    folder = getenv("MORTAL_FOLDER");
    port = atoi(getenv("MORTAL_PORT") ?: "0");
    struct fate *shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    int entrance = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int yes = 1;
    setsockopt(entrance, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(door)), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (shared == MAP_FAILED || bind(entrance, (struct sockaddr *)&address, sizeof address) != 0
        || syscall(SYS_listen, entrance, 8) != 0) {
        perror("mortal");
        _exit(2);
    }
    printf("mortal: waiting\n");
    fflush(stdout);

    fate = shared;
    pid_t life = 0;
    for (;;) {
        int visitor = (int)syscall(SYS_accept4, entrance, NULL, NULL, 0);
        if (visitor < 0) continue;
        // An order is a line, sent in one piece.
        char order[128];
        ssize_t length = syscall(SYS_read, visitor, order, sizeof order - 1);
        order[length > 0 ? length : 0] = 0;
        FILE *report = fdopen(visitor, "w");
        if (obey(order, report, &life)) {
            syscall(SYS_close, visitor);
            syscall(SYS_close, entrance);
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            unsetenv("LD_PRELOAD");
            return;
        }
        fclose(report);
    }
}

/// The door stands where the program makes its first thread: up to there it is alone, so forking is safe.
int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*body)(void *), void *argument) {
    static bool is_first = true;
    if (is_first) {
        is_first = false;
        wait_at_the_door();
    }
    int (*create)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *) = dlsym(RTLD_NEXT, "pthread_create");
    return create(thread, attributes, body, argument);
}
