/*
 * Calls of Windows by their numbers, with arguments that make sense half of the time: `calls.h` says for a release which there
 * are, and of which kinds their arguments.
 *
 *     random_nt calls SEED COUNT RISK FIRST       by chance; of the calls that may end or stop the program RISK of 100 are made
 *     random_nt classes SEED STEP FIRST           what asks by class: each class with lengths that are STEP apart
 *     random_nt takes WHAT                        one call again and again, as long as it gives something
 *
 * It prints how many calls it made, at its end. From the call FIRST on it tells of each before it makes it.
 */
#include <stddef.h>
#include <stdint.h>

struct call {
    unsigned number;
    const char *name, *kinds;
    unsigned char risky;
};
#include "calls.h"

#define WORD sizeof(size_t)
#define PAGE 4096
#define ARENA (64 * PAGE)
#define SELF ((size_t)-1)
#define THREAD ((size_t)-2)
#define WAIT 64

size_t ask(unsigned number, const size_t *arguments);
#ifdef _WIN64
__asm__(".globl ask\nask: push %rbp; mov %rsp,%rbp; push %rsi; push %rdi; sub $0xd0,%rsp; mov %ecx,%eax\n"
        "lea 32(%rdx),%rsi; lea 0x28(%rsp),%rdi; mov $14,%ecx; cld; rep movsq\n"
        "mov (%rdx),%r10; mov 16(%rdx),%r8; mov 24(%rdx),%r9; mov 8(%rdx),%rdx; syscall\n"
        "lea -16(%rbp),%rsp; pop %rdi; pop %rsi; pop %rbp; ret");
__asm__(".globl ends\nends: sub $0x28,%rsp; call finish");
#else
__asm__(".globl _ask\n_ask: mov 4(%esp),%eax; mov 8(%esp),%edx; int $0x2e; ret");
__asm__(".globl _ends\n_ends: call _finish");
#endif
void ends(void);

static uint64_t state;
/* What each thread of the program has handles in. */
static size_t handles[96];
/* What the thread that makes the calls does, which the first one looks at. */
static volatile unsigned made, round, done;
static size_t count, risk, worker;
static unsigned tells = ~0u;
static unsigned char *arena;
static size_t output, console, process_number, thread_number;

static uint32_t next(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 16);
}

static unsigned below(unsigned end) { return next() % end; }

void *memset(void *to, int value, size_t count)
{
    for (volatile unsigned char *at = to; count--; at++)
        *at = (unsigned char)value;
    return to;
}

void *memcpy(void *to, const void *from, size_t count)
{
    volatile unsigned char *at = to;
    const unsigned char *source = from;
    while (count--)
        *at++ = *source++;
    return to;
}

static size_t make(unsigned number, unsigned count, ...)
{
    size_t arguments[18] = { 0 };
    __builtin_va_list list;
    __builtin_va_start(list, count);
    for (unsigned at = 0; at < count; at++)
        arguments[at] = __builtin_va_arg(list, size_t);
    __builtin_va_end(list);
    return ask(number, arguments);
}
/* All arguments of a call in words. */
#define CALL(name, ...) make(NUMBER_##name, sizeof((size_t[]){ __VA_ARGS__ }) / WORD, __VA_ARGS__)
#define A(value) ((size_t)(value))
#define NONE A(0)

static size_t length(const char *text)
{
    size_t count = 0;
    while (text[count])
        count++;
    return count;
}

static void say(const char *text)
{
    size_t io[2];
    CALL(NtWriteFile, output, NONE, NONE, NONE, A(io), A(text), length(text), NONE, NONE);
}

static void say_number(size_t number, unsigned base)
{
    char text[24];
    char *at = text + sizeof text - 1;
    *at = 0;
    do
        *--at = "0123456789abcdef"[number % base];
    while (number /= base);
    say(at);
}

static void leave(size_t status)
{
    CALL(NtTerminateProcess, SELF, status);
}

void __attribute__((used)) finish(void)
{
    CALL(NtTerminateThread, THREAD, NONE);
}

struct name {
    uint16_t length, room;
    uint16_t *text;
};
struct attributes {
    uint32_t length;
    size_t root;
    struct name *name;
    uint32_t flags;
    void *security, *quality;
};

static const char *const paths[] = {
    "\\??\\C:\\a.txt", "\\??\\C:\\dir", "\\??\\C:\\dir\\b.txt", "a.txt", "", "\\", "\\??\\C:\\a.txt:stream", "\\??\\C:\\",
    "\\Device\\NamedPipe\\pipe", "\\??\\pipe\\pipe", "\\??\\mailslot\\slot", "\\Device\\Afd\\Endpoint", "\\Device\\ConDrv\\Connect",
    "\\Device\\ConDrv", "\\??\\CONIN$", "\\??\\CONOUT$", "\\BaseNamedObjects\\name", "\\BaseNamedObjects\\other", "\\RPC Control\\port", "\\port",
    "\\Registry\\Machine\\Software", "\\Registry\\Machine\\Software\\A", "\\Registry\\User", "\\Registry\\Machine\\Software\\A\\B",
    "\\??\\NUL", "\\Device\\Null", "..\\..", "\\??\\C:\\..\\..\\x", "\\KnownDlls\\ntdll.dll", "\\BaseNamedObjects", "*", "b*.t?t", "<.>\"x",
    "\\??", "\\Device", "\\Sessions\\1", "name", "\\Device\\Mailslot\\slot", "\\SystemRoot", "\\??\\C:\\windows\\system32\\ntdll.dll", "\\Registry\\A\\hive",
    "\\??\\C:\\a.txt::$DATA", "\\??\\C:", "\\??\\UNC\\x\\y", "\\??\\GLOBALROOT\\Device",
};
#define PATHS (sizeof paths / sizeof *paths)
static uint16_t texts[PATHS][48];
static struct name names[PATHS];
static struct attributes attributes[PATHS];
static uint32_t pages[] = { 1, 2, 4, 8, 0x10, 0x20, 0x40, 0x80, 0x104, 0x40000000 };

static void prepare(void)
{
    for (unsigned at = 0; at < PATHS; at++) {
        unsigned count = 0;
        for (; paths[at][count]; count++)
            texts[at][count] = (unsigned char)paths[at][count];
        names[at] = (struct name){ 2 * count, 2 * count + 2, texts[at] };
        attributes[at] = (struct attributes){ sizeof *attributes, 0, &names[at], 0x40, 0, 0 };
    }
}

static size_t named(const char *path)
{
    for (unsigned at = 0; at < PATHS; at++) {
        const char *a = paths[at], *b = path;
        while (*a && *a == *b)
            a++, b++;
        if (*a == *b)
            return A(&attributes[at]);
    }
    return 0;
}

static size_t value(void)
{
    static const int64_t odd[] = {
        0, 1, 2, 3, 4, 7, 8, 16, 20, 24, 28, 32, 40, 56, 64, 100, 255, 256, 512, 1000, 4095, 4096, 4097, 65535, 65536, 1 << 20, 0x7ffff000,
        0x7fffffff, 0x7ffe0000, 0x7ffeffff, -1, -2, -3, -4, -5, -6, -100, -4096, -2147483647 - 1, 0x40000000, 0x7fffffffffffffff, 0x80000000,
        0x8000000000000000, 0x7fffffff0000, 0xffff800000000000, 0x800000000000,
    };
    switch (below(8)) {
    case 0: return (size_t)odd[below(sizeof odd / sizeof *odd)];
    case 1: return below(16);
    case 2: return A(1) << below(8 * WORD);
    case 3: return A(next()) << below(32);
    case 4: return A(arena + ARENA - 1 - below(64)); /* runs over the end */
    case 5: return handles[below(96)];
    default: return A(arena + below(ARENA) / 8 * 8);
    }
}

static size_t place(void)
{
    switch (below(32)) {
    case 0: return value();
    case 1: return 0;
    case 2: return A(arena + ARENA - 1 - below(300));
    case 3: return A(arena + ARENA + below(2 * PAGE)); /* only to be read, or not there */
    case 4: return A(arena + below(ARENA));
    default: return A(arena + below(ARENA - 2 * PAGE) / 8 * 8);
    }
}

/* What is in the arena: small numbers, pointers into itself, names, what other calls have left. */
static void fill(void)
{
    for (size_t at = 0; at + 64 <= ARENA; at += 64) {
        size_t *line = (size_t *)(arena + at);
        switch (below(6)) {
        case 0:
            for (unsigned word = 0; word < 16; word++)
                ((uint32_t *)line)[word] = below(16);
            break;
        case 1:
            for (unsigned word = 0; word < 64 / WORD; word++)
                line[word] = value();
            break;
        case 2: memcpy(line, texts[below(PATHS)], 64); break;
        case 3:
            for (unsigned word = 0; word < 64 / WORD; word++)
                line[word] = word % 2 ? A(arena + below(ARENA) / 8 * 8) : below(80);
            break;
        case 4: memset(line, 0, 64); break;
        default:
            for (unsigned byte = 0; byte < 64; byte++)
                ((unsigned char *)line)[byte] = (unsigned char)next();
        }
    }
}

static void renew(void)
{
    size_t size = ARENA + PAGE, old;
    void *at = arena;
    if (CALL(NtAllocateVirtualMemory, SELF, A(&at), NONE, A(&size), A(0x1000), A(4))) {
        at = arena;
        size = ARENA + 16 * PAGE;
        CALL(NtAllocateVirtualMemory, SELF, A(&at), NONE, A(&size), A(0x2000), A(4));
        size = ARENA + PAGE;
        if (CALL(NtAllocateVirtualMemory, SELF, A(&at), NONE, A(&size), A(0x1000), A(4))) {
            /* Somebody has mapped something there. */
            at = 0;
            size = ARENA + PAGE;
            if (CALL(NtAllocateVirtualMemory, SELF, A(&at), NONE, A(&size), A(0x3000), A(4)))
                leave(4);
        }
        arena = at;
    }
    at = arena;
    size = ARENA;
    CALL(NtProtectVirtualMemory, SELF, A(&at), A(&size), A(4), A(&old));
    fill();
    at = arena + ARENA;
    size = PAGE;
    CALL(NtProtectVirtualMemory, SELF, A(&at), A(&size), A(2), A(&old));
}

static unsigned at_handle;
static size_t *slot(void) { return &handles[at_handle++ % 48]; }

struct extended {
    uint32_t next;
    uint8_t flags, name_length;
    uint16_t value_length;
    char name[16];
    uint32_t packet[14];
};

static struct extended stream_socket = { 0, 0, 15, 24, "AfdOpenPacketXX", { 0, 0, 2, 1, 6, 0 } };

/* One of each kind, as far as the release has it. */
static void objects(void)
{
    static struct extended datagrams = { 0, 0, 15, 24, "AfdOpenPacketXX", { 0x11, 0, 2, 2, 17, 0 } };
    static int64_t megabyte = 1 << 20, none = -1;
    size_t io[2], numbers[2] = { process_number, thread_number };
    at_handle = 0;
    for (unsigned at = 0; at < 96; at++)
        if (handles[at] != output && handles[at] != console)
            CALL(NtClose, handles[at]);
    memset(handles, 0, sizeof handles);
    CALL(NtCreateEvent, A(slot()), A(0x1f0003), named("\\BaseNamedObjects\\name"), NONE, NONE);
    CALL(NtCreateEvent, A(slot()), A(0x1f0003), NONE, A(1), A(1));
    CALL(NtCreateMutant, A(slot()), A(0x1f0001), NONE, NONE);
    CALL(NtCreateSemaphore, A(slot()), A(0x1f0003), NONE, A(1), A(1000));
    CALL(NtCreateTimer, A(slot()), A(0x1f0003), NONE, NONE);
    CALL(NtCreateIoCompletion, A(slot()), A(0x1f0003), NONE, A(1));
    CALL(NtCreateSection, A(slot()), A(0xf001f), NONE, A(&megabyte), A(4), A(0x8000000), NONE);
    CALL(NtCreateKeyedEvent, A(slot()), A(0x1f0003), NONE, NONE);
    CALL(NtCreateJobObject, A(slot()), A(0x1f001f), NONE);
    CALL(NtCreateDebugObject, A(slot()), A(0x1f000f), NONE, NONE);
    CALL(NtOpenDirectoryObject, A(slot()), A(3), named("\\BaseNamedObjects"));
    CALL(NtCreateSymbolicLinkObject, A(slot()), A(0xf0001), named("\\BaseNamedObjects\\other"), A(&names[0]));
    CALL(NtOpenProcessToken, SELF, A(0xf01ff), A(slot()));
    CALL(NtOpenProcess, A(slot()), A(0x1fffff), named(""), A(numbers));
    CALL(NtOpenThread, A(slot()), A(0x1fffff), named(""), A(numbers));
    CALL(NtCreateKey, A(slot()), A(0xf003f), named("\\Registry\\Machine\\Software\\A"), NONE, NONE, NONE, NONE);
    CALL(NtCreateKey, A(slot()), A(0xf003f), named("\\Registry\\Machine\\Software\\A\\B"), NONE, NONE, A(1), NONE);
    CALL(NtCreateFile, A(slot()), A(0x1f01ff), named("\\??\\C:\\a.txt"), A(io), NONE, A(0x80), A(7), A(3), A(0x20), NONE, NONE);
    CALL(NtCreateFile, A(slot()), A(0x1f01ff), named("\\??\\C:\\a.txt"), A(io), NONE, A(0x80), A(7), A(3), A(0), NONE, NONE);
    CALL(NtCreateFile, A(slot()), A(0x1f01ff), named("\\??\\C:\\dir"), A(io), NONE, A(0x80), A(7), A(3), A(0x21), NONE, NONE);
    CALL(NtCreateFile, A(slot()), A(0x1f01ff), named("\\??\\C:\\dir\\b.txt"), A(io), NONE, A(0x80), A(7), A(3), A(0), NONE, NONE);
    CALL(NtCreateFile, A(slot()), A(0xc0100000), named("\\??\\CONIN$"), A(io), NONE, A(0x80), A(7), A(1), A(0x20), NONE, NONE);
    CALL(NtCreateFile, A(slot()), A(0xc0100000), named("\\??\\CONOUT$"), A(io), NONE, A(0x80), A(7), A(1), A(0x20), NONE, NONE);
    CALL(NtCreateNamedPipeFile, A(slot()), A(0xc0100000), named("\\??\\pipe\\pipe"), A(io), A(3), A(3), NONE, A(1), A(1), NONE, A(4), A(512), A(512), A(&none));
    CALL(NtCreateFile, A(slot()), A(0xc0100000), named("\\??\\pipe\\pipe"), A(io), NONE, A(0x80), A(7), A(1), NONE, NONE, NONE);
    CALL(NtCreateMailslotFile, A(slot()), A(0xc0100000), named("\\??\\mailslot\\slot"), A(io), NONE, NONE, A(400), A(&none));
    CALL(NtCreateFile, A(slot()), A(0xc0100000), named("\\??\\mailslot\\slot"), A(io), NONE, A(0x80), A(7), A(1), NONE, NONE, NONE);
    CALL(NtCreateFile, A(slot()), A(0xc0140000), named("\\Device\\Afd\\Endpoint"), A(io), NONE, A(0x80), A(3), A(3), NONE, A(&stream_socket), A(8 + 16 + 24));
    CALL(NtCreateFile, A(slot()), A(0xc0140000), named("\\Device\\Afd\\Endpoint"), A(io), NONE, A(0x80), A(3), A(3), NONE, A(&datagrams), A(8 + 16 + 24));
    CALL(NtCreateFile, A(slot()), A(0xc0140000), named("\\Device\\Afd\\Endpoint"), A(io), NONE, A(0x80), A(3), A(3), NONE, A(&stream_socket), A(8 + 16 + 24));
    CALL(NtCreatePort, A(slot()), named("\\RPC Control\\port"), A(100), A(200), NONE);
    CALL(NtAlpcCreatePort, A(slot()), named("\\port"), NONE);
    CALL(NtCreateWorkerFactory, A(slot()), A(0xf00ff), NONE, handles[5], SELF, A(ends), NONE, A(2), A(0x10000), A(0x1000));
    CALL(NtCreateTransaction, A(slot()), A(0x12003f), NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE);
    *slot() = output;
    /* What the program tells has to go on.   [ntobapi.h: OBJECT_HANDLE_FLAG_INFORMATION] */
    CALL(NtSetInformationObject, output, A(4), A("\1\1"), A(2));
    *slot() = console;
    *slot() = SELF;
    *slot() = THREAD;
}

static size_t control(void)
{
    switch (below(6)) {
    case 0: return 0x12u << 12 | below(60) << 2 | below(4);                /* AFD */
    case 1: return 0x11u << 16 | below(4) << 14 | below(20) << 2 | below(4); /* pipes */
    case 2: return 0x50u << 16 | below(4) << 14 | below(62) << 2;          /* the console */
    case 3: return 0x9u << 16 | below(4) << 14 | below(120) << 2 | below(4); /* file systems */
    case 4: return 0xcu << 16 | below(4) << 14 | below(4) << 2 | below(4); /* mailslots */
    default: return (below(256) << 16 | below(4) << 14 | below(40) << 2 | below(4));
    }
}

static size_t argument(char kind, int risk)
{
    static int64_t soon = -1000, now;
    if (below(24) == 0 && kind != 't' && (risk || kind != 'f'))
        return value();
    switch (kind) {
    case 'h':
        return handles[below(below(3) ? 48 : 96)];
    case 'H': return below(16) ? A(&handles[48 + below(48)]) : place();
    case 'o':
        if (below(8) == 0)
            return place();
        if (below(6) == 0) {
            struct attributes *other = (struct attributes *)(arena + below(ARENA - PAGE) / 8 * 8);
            *other = attributes[below(PATHS)];
            if (below(2))
                other->root = handles[below(48)];
            if (below(4) == 0)
                other->flags = next();
            if (below(4) == 0)
                other->security = (void *)place();
            if (below(8) == 0)
                other->quality = (void *)place();
            if (below(8) == 0)
                other->length = (uint32_t)value();
            return A(other);
        }
        return A(&attributes[below(PATHS)]);
    case 'u': {
        if (below(3))
            return A(&names[below(PATHS)]);
        struct name *other = (struct name *)(arena + below(ARENA - PAGE) / 8 * 8);
        *other = (struct name){ (uint16_t)value(), (uint16_t)value(), (uint16_t *)place() };
        return A(other);
    }
    case 'c': {
        size_t *numbers = (size_t *)(arena + below(ARENA - PAGE) / 8 * 8);
        numbers[0] = below(4) ? process_number : below(3) * 4;
        numbers[1] = below(4) ? thread_number : value();
        return A(numbers);
    }
    case 't': return risk && below(8) == 0 ? value() : below(2) ? A(&soon) : A(&now);
    case 'k': return below(8) ? below(120) : value();
    case 's': {
        static const unsigned sizes[] = { 0, 1, 2, 3, 4, 6, 8, 12, 16, 18, 20, 24, 28, 32, 36, 40, 44, 48, 56, 64, 72, 80, 96, 104, 128, 200, 256, 512, 1000, 4096 };
        return below(16) ? sizes[below(sizeof sizes / sizeof *sizes)] : value();
    }
    case 'a': return below(2) ? 0x2000000 : below(2) ? 0x1fffff : value();
    case 'd': return control();
    case 'y': return below(2);
    case 'g': return pages[below(sizeof pages / sizeof *pages)];
    case 'f': return below(6) ? 0 : risk && below(2) ? place() : A(ends);
    case 'v': return below(3) ? below(40) : value();
    case 'w': return below(2) ? A(1) << below(32) : value();
    case 'l': {
        int64_t *number = (int64_t *)(arena + below(ARENA - PAGE) / 8 * 8);
        *number = below(2) ? (int64_t)below(5000) : below(2) ? (int64_t)value() : (int64_t)((uint64_t)next() << below(40));
        return below(4) ? A(number) : 0;
    }
    case 'm': { /* a message of a port: mostly with lengths that fit */
        unsigned char *message = arena + below(ARENA - PAGE) / 8 * 8;
        if (below(4)) {
            uint16_t *word = (uint16_t *)message;
            unsigned header = WORD == 8 ? 40 : 24, data = below(4) ? below(100) : next();
            word[0] = data;
            word[1] = below(8) ? data + header : next();
            if (below(2))
                word[3] = below(4) ? 0 : next();
            if (below(4) == 0)
                word[2] = 0;
        }
        return A(message);
    }
    default: return place();
    }
}

static void tell(const struct call *call, const size_t *a)
{
    say_number(made, 10);
    say(" ");
    say(call->name);
    for (unsigned at = 0; call->kinds[at]; at++) {
        say(" ");
        say_number(a[at], 16);
    }
    say("\r\n");
}

static void by_chance(const struct call *call, int risk)
{
    size_t a[18] = { 0 };
    unsigned at = 0;
    for (; call->kinds[at]; at++)
        a[at] = argument(call->kinds[at], risk);
    for (; at < 4; at++)
        a[at] = value();
    if (made >= tells)
        tell(call, a);
    ask(call->number, a);
}

static void start_thread(void (*function)(void))
{
    static unsigned char context[1232] __attribute__((aligned(16)));
    char *stack = 0;
    size_t size = 0x10000, numbers[2];
    CALL(NtAllocateVirtualMemory, SELF, A(&stack), NONE, A(&size), A(0x3000), A(4));
    void *stack_ends[5] = { 0, 0, stack + size, stack, stack };
    /* [winnt.h: CONTEXT] */
#ifdef _WIN64
    *(uint32_t *)(context + 0x30) = 0x100003;
    *(uint32_t *)(context + 0x44) = 0x202;
    *(size_t *)(context + 0x98) = A(stack + size - 0x108);
    *(size_t *)(context + 0xf8) = A(function);
#else
    *(uint32_t *)context = 0x10003;
    *(uint32_t *)(context + 0xc0) = 0x202;
    *(size_t *)(context + 0xc4) = A(stack + size - 0x104);
    *(size_t *)(context + 0xb8) = A(function);
#endif
    if (CALL(NtCreateThread, A(&worker), A(0x1fffff), NONE, SELF, A(numbers), A(context), A(stack_ends), NONE))
        leave(5);
}

static size_t word(const uint16_t **line)
{
    size_t number = 0;
    while (**line && **line != ' ')
        number = number * 10 + *(*line)++ - '0';
    while (**line == ' ')
        ++*line;
    return number;
}

static const char *text_word(const uint16_t **line)
{
    static char text[64];
    unsigned count = 0;
    while (**line && **line != ' ' && count < sizeof text - 1)
        text[count++] = (char)*(*line)++;
    text[count] = 0;
    while (**line == ' ')
        ++*line;
    return text;
}

static int same(const char *a, const char *b)
{
    while (*a && *a == *b)
        a++, b++;
    return *a == *b;
}

static void by_class(const struct call *call, unsigned class, unsigned step)
{
    for (unsigned size = below(step); size < 300; size += 1 + below(2 * step)) {
        size_t a[18] = { 0 };
        for (unsigned at = 0; call->kinds[at]; at++) {
            char kind = call->kinds[at];
            a[at] = kind == 'k' ? class : kind == 's' ? size : kind == 'h' ? handles[below(40)] : argument(kind, 0);
        }
        if (made >= tells)
            tell(call, a);
        made++;
        ask(call->number, a);
    }
}

static int asks_by_class(const struct call *call)
{
    for (const char *kind = call->kinds; *kind; kind++)
        if (*kind == 'k')
            return !call->risky;
    return 0;
}

/* Goes on behind the last call that was begun, on whichever thread. */
static void classes(void)
{
    while (round < COUNT * 256) {
        unsigned now = round++;
        if (!asks_by_class(&calls[now / 256]))
            continue;
        if (now % 16 == 0)
            renew();
        if (now % 128 == 0)
            objects();
        by_class(&calls[now / 256], now % 256, (unsigned)count);
    }
    done = 1;
    finish();
}

static void chances(void)
{
    while (round < count) {
        unsigned now = round++;
        if (now % 100 == 0)
            renew();
        if (now % 500 == 0)
            objects();
        unsigned at = below(COUNT);
        if (calls[at].risky && below(100) >= risk)
            continue;
        made++;
        by_chance(&calls[at], risk != 0);
    }
    done = 1;
    finish();
}

/* Frees a thread that waits for what does not come, or lets another one go on in its place. */
static void look_after(void (*function)(void))
{
    static int64_t pause = -100000;
    unsigned before = ~0u, same_for = 0, stopped = 0;
    size_t io[2];
    start_thread(function);
    while (!done) {
        CALL(NtDelayExecution, NONE, A(&pause));
        if (made != before || done) {
            before = made;
            same_for = 0;
        } else if (++same_for == 20) {
            CALL(NtCancelSynchronousIoFile, worker, NONE, A(io));
            CALL(NtAlertThread, worker);
        } else if (same_for == 40) {
            same_for = 0;
            stopped++;
            CALL(NtTerminateThread, worker, NONE);
            start_thread(function);
        }
    }
    say("made ");
    say_number(made, 10);
    say(", stopped ");
    say_number(stopped, 10);
    say("\r\n");
    /* A status that no call by chance has: what was said may have gone elsewhere, with its handle. */
    leave(77);
}

#include "takes.h"

void start(void)
{
    unsigned char *teb, *peb, *parameters;
#ifdef _WIN64
    __asm__("mov %%gs:0x30,%0" : "=r"(teb));
    peb = *(unsigned char **)(teb + 0x60);
    parameters = *(unsigned char **)(peb + 0x20);
    const uint16_t *line = *(uint16_t **)(parameters + 0x78);
    console = *(size_t *)(parameters + 0x10);
    output = *(size_t *)(parameters + 0x28);
#else
    __asm__("mov %%fs:0x18,%0" : "=r"(teb));
    peb = *(unsigned char **)(teb + 0x30);
    parameters = *(unsigned char **)(peb + 0x10);
    const uint16_t *line = *(uint16_t **)(parameters + 0x44);
    console = *(size_t *)(parameters + 0x10);
    output = *(size_t *)(parameters + 0x1c);
#endif
    process_number = ((size_t *)teb)[8];
    thread_number = ((size_t *)teb)[9];
    static uint16_t own[256];
    for (unsigned at = 0; at < 255 && line[at]; at++)
        own[at] = line[at];
    line = own;
    text_word(&line);
    int by_classes, takes_all;
    const char *what = text_word(&line);
    by_classes = same(what, "classes");
    takes_all = same(what, "takes");
    prepare();
    arena = (unsigned char *)0x20000000;
    if (takes_all) {
        size_t took = takes(text_word(&line));
        say("took ");
        say_number(took, 10);
        say("\r\n");
        leave(0);
    }
    state = 88172645463325252ULL ^ word(&line) * 0x9e3779b97f4a7c15ULL;
    count = word(&line);
    risk = by_classes ? 0 : word(&line);
    tells = *line ? (unsigned)word(&line) : ~0u;
    look_after(by_classes ? classes : chances);
}
