/* Local procedure calls: a server and its client, each a thread.
   Exit status: 0, or the line on which something was wrong. */
#include "ports.h"

NTSTATUS NTAPI NtCreatePort(HANDLE *, OBJECT_ATTRIBUTES *, ULONG, ULONG, ULONG);
NTSTATUS NTAPI NtConnectPort(HANDLE *, UNICODE_STRING *, void *, void *, void *, ULONG *, void *, ULONG *);
NTSTATUS NTAPI NtListenPort(HANDLE, MESSAGE *);
NTSTATUS NTAPI NtAcceptConnectPort(HANDLE *, void *, MESSAGE *, BOOLEAN, void *, void *);
NTSTATUS NTAPI NtCompleteConnectPort(HANDLE);
NTSTATUS NTAPI NtRequestPort(HANDLE, MESSAGE *);
NTSTATUS NTAPI NtRequestWaitReplyPort(HANDLE, MESSAGE *, MESSAGE *);
NTSTATUS NTAPI NtReplyPort(HANDLE, MESSAGE *);
NTSTATUS NTAPI NtReplyWaitReceivePort(HANDLE, void **, MESSAGE *, MESSAGE *);
NTSTATUS NTAPI NtReplyWaitReceivePortEx(HANDLE, void **, MESSAGE *, MESSAGE *, LARGE_INTEGER *);
NTSTATUS NTAPI NtReplyWaitReplyPort(HANDLE, MESSAGE *);
NTSTATUS NTAPI NtImpersonateClientOfPort(HANDLE, MESSAGE *);
NTSTATUS NTAPI NtReadRequestData(HANDLE, MESSAGE *, ULONG, void *, SIZE_T, SIZE_T *);
NTSTATUS NTAPI NtWriteRequestData(HANDLE, MESSAGE *, ULONG, void *, SIZE_T, SIZE_T *);
NTSTATUS NTAPI NtRegisterThreadTerminatePort(HANDLE);
NTSTATUS NTAPI NtQueryInformationPort(HANDLE, int, void *, ULONG, ULONG *);
NTSTATUS NTAPI NtOpenThreadToken(HANDLE, ACCESS_MASK, BOOLEAN, HANDLE *);
NTSTATUS NTAPI NtSetInformationThread(HANDLE, int, void *, ULONG);
NTSTATUS NTAPI NtCreateSection(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *, LARGE_INTEGER *, ULONG, ULONG, HANDLE);

#define TYPE(message) ((message).type & 0xff)
enum { REQUEST = 1, REPLY, DATAGRAM, LOST_REPLY, PORT_CLOSED, CLIENT_DIED, CONNECTION_REQUEST = 10 };

typedef struct {
    ULONG length;
    HANDLE section;
    ULONG offset;
    SIZE_T size;
    ULONG *base, *remote;
} VIEW;

typedef struct {
    ULONG length;
    SIZE_T size;
    ULONG *base;
} REMOTE;

static HANDLE port, served;
static UNICODE_STRING name = NAME(L"\\RPC Control\\emu");
static LARGE_INTEGER now = { .QuadPart = 0 };
static ULONG quality[3] = { 12, 2, 0x101 };

/* What a request names lies here: how many areas, then the address and size of each. */
static ULONG area[2] = { 5, 6 };

static void serve(void)
{
    static MESSAGE message, reply, back;
    static ULONG seen[2];
    REMOTE view = { sizeof view };
    HANDLE refused = 0, token;
    void *context = 0;
    SIZE_T moved = 0;

    /* The first is refused. */
    CHECK(NtListenPort(port, &message) == 0);
    CHECK(TYPE(message) == CONNECTION_REQUEST && message.id && message.data == 4 && message.words[0] == 11);
    message.words[0] = 12;
    CHECK(NtAcceptConnectPort(&refused, 0, &message, 0, 0, 0) == 0 && !refused);
    CHECK((ULONG)NtAcceptConnectPort(&refused, 0, &message, 1, 0, 0) == 0xc000021f);

    CHECK(NtListenPort(port, &message) == 0);
    CHECK(message.view == 0x1000);
    message.words[0] = 13;
    CHECK(NtAcceptConnectPort(&served, (void *)77, &message, 1, 0, &view) == 0);
    CHECK(view.size == 0x1000 && view.base[0] == 99);
    view.base[1] = 98;
    CHECK(NtCompleteConnectPort(served) == 0);
    CHECK(NtCompleteConnectPort(served) < 0);
    CHECK((ULONG)NtCompleteConnectPort(port) == 0xc0000042);

    /* A datagram, which has no answer. */
    CHECK(NtReplyWaitReceivePort(port, &context, 0, &message) == 0);
    CHECK(TYPE(message) == DATAGRAM && context == (void *)77 && message.words[0] == 20);
    CHECK((ULONG)NtReplyPort(port, &message) == 0xc000021f);

    /* A request with areas of memory. */
    CHECK(NtReplyWaitReceivePort(port, &context, 0, &message) == 0);
    CHECK(TYPE(message) == REQUEST && context == (void *)77);
    CHECK(message.areas && NtReadRequestData(port, &message, 0, seen, 8, &moved) == 0);
    CHECK(moved == 8 && seen[0] == 5 && seen[1] == 6);
    seen[0] = 7;
    CHECK(NtWriteRequestData(port, &message, 0, seen, 4, &moved) == 0 && moved == 4);
    CHECK((ULONG)NtReadRequestData(port, &message, 1, seen, 4, 0) == 0xc000000d);
    CHECK((ULONG)NtReadRequestData(port, &message, 0, seen, 9, 0) == 0xc000000d);
    /* The server acts for its client. */
    CHECK((ULONG)NtOpenThreadToken(SELF, TOKEN_QUERY, 1, &token) == 0xc000007c);
    CHECK(NtImpersonateClientOfPort(served, &message) == 0);
    CHECK(NtOpenThreadToken(SELF, TOKEN_QUERY, 1, &token) == 0);
    token = 0;
    CHECK(NtSetInformationThread(SELF, 5, &token, sizeof token) == 0);
    CHECK((ULONG)NtOpenThreadToken(SELF, TOKEN_QUERY, 1, &token) == 0xc000007c);
    /* The answer, and the next request in one call. */
    reply = message;
    fill(&message, 1, 31);
    reply.data = 4, reply.total = HEADER + 4, reply.words[0] = 31;
    CHECK(NtReplyWaitReceivePortEx(port, &context, &reply, &message, 0) == 0);
    CHECK((ULONG)NtReadRequestData(port, &reply, 0, seen, 4, 0) == 0xc000000d);
    CHECK(TYPE(message) == REQUEST && message.words[0] == 40);
    /* The server asks something in return before it answers. */
    back = message;
    back.type = REQUEST;
    back.words[0] = 41;
    CHECK(NtRequestWaitReplyPort(served, &back, &reply) == 0);
    CHECK(TYPE(reply) == REPLY && reply.words[0] == 42);
    message.words[0] = 43;
    CHECK(NtReplyPort(port, &message) == 0);
    CHECK((ULONG)NtReplyPort(port, &message) == 0xc000021f);

    /* The end of a thread, then that of the port. */
    CHECK(NtReplyWaitReceivePort(port, &context, 0, &message) == 0);
    CHECK(TYPE(message) == CLIENT_DIED && context == (void *)77 && message.data == 8);
    CHECK(NtReplyWaitReceivePort(port, &context, 0, &message) == 0);
    CHECK(TYPE(message) == PORT_CLOSED && context == (void *)77);
    CHECK(NtReplyWaitReceivePortEx(port, &context, 0, &message, &now) == STATUS_TIMEOUT);
    fill(&message, 1, 1);
    CHECK((ULONG)NtRequestPort(served, &message) == 0xc0000037);
    NtTerminateThread(SELF, 0);
}

static HANDLE client;

static void die(void)
{
    CHECK(NtRegisterThreadTerminatePort(client) == 0);
    NtTerminateThread(SELF, 0);
}

static void ask(void)
{
    static MESSAGE message;
    fill(&message, 1, 50);
    CHECK((ULONG)NtRequestWaitReplyPort(client, &message, &message) == 0xc0000253);
    NtTerminateThread(SELF, 0);
}

static void serve_badly(void)
{
    static MESSAGE message;
    CHECK(NtListenPort(port, &message) == 0);
    CHECK(NtAcceptConnectPort(&served, 0, &message, 1, 0, 0) == 0);
    CHECK(NtCompleteConnectPort(served) == 0);
    CHECK(NtReplyWaitReceivePort(port, 0, 0, &message) == 0);
    CHECK(NtClose(served) == 0);
    NtTerminateThread(SELF, 0);
}

void start(void)
{
    static MESSAGE message, reply;
    OBJECT_ATTRIBUTES attributes = { sizeof attributes };
    LARGE_INTEGER size = { .QuadPart = 0x1000 };
    HANDLE server, thread, none = 0;
    VIEW view = { sizeof view };
    ULONG most = 0, said = 11, length = sizeof said;

    attributes.ObjectName = &name;
    CHECK((ULONG)NtConnectPort(&client, &name, quality, 0, 0, 0, 0, 0) == 0xc0000034);
    CHECK((ULONG)NtCreatePort(&port, &attributes, 0, 0x10000, 0) == 0xc00000f2);
    CHECK((ULONG)NtCreatePort(&port, &attributes, 0x10000, 0x100, 0) == 0xc00000f1);
    CHECK(NtCreatePort(&port, &attributes, 0x40, 0x100, 0) == 0);
    CHECK((ULONG)NtCreatePort(&none, &attributes, 0x40, 0x100, 0) == 0xc0000035);
    CHECK(NtQueryInformationPort(port, 0, 0, 0, 0) == 0);
    CHECK(NtWaitForSingleObject(port, 0, &now) == STATUS_TIMEOUT);
    server = run(serve);

    CHECK((ULONG)NtConnectPort(&client, &name, quality, 0, 0, 0, &said, &length) == 0xc0000041);
    CHECK(said == 12);
    CHECK(NtCreateSection(&view.section, SECTION_ALL_ACCESS, 0, &size, PAGE_READWRITE, SEC_COMMIT, 0) == 0);
    void *seen = 0;
    /* The section is written before the server looks. */
    {
        NTSTATUS NTAPI NtMapViewOfSection(HANDLE, HANDLE, void **, ULONG_PTR, SIZE_T, LARGE_INTEGER *, SIZE_T *, int, ULONG, ULONG);
        SIZE_T whole = 0;
        CHECK(NtMapViewOfSection(view.section, NtCurrentProcess(), &seen, 0, 0, 0, &whole, 2, 0, PAGE_READWRITE) == 0);
        *(ULONG *)seen = 99;
    }
    view.size = 0x1000;
    CHECK(NtConnectPort(&client, &name, quality, &view, 0, &most, &said, &length) == 0);
    CHECK(said == 13 && length == 4 && most == 0x100);
    CHECK(view.base && view.base[0] == 99 && view.base[1] == 98 && view.remote && view.size == 0x1000);

    fill(&message, 1, 20);
    CHECK(NtRequestPort(client, &message) == 0);
    message.total = HEADER;
    CHECK((ULONG)NtRequestPort(client, &message) == 0xc000000d);
    fill(&message, 24, 20);
    message.total = 0x200, message.data = 0x180;
    CHECK((ULONG)NtRequestPort(client, &message) == 0xc000002f);

    fill(&message, 0, 1);
    message.data = 3 * sizeof(void *), message.total = HEADER + message.data, message.areas = HEADER;
    ((void **)message.words)[1] = area;
    ((SIZE_T *)message.words)[2] = sizeof area;
    CHECK(NtRequestWaitReplyPort(client, &message, &reply) == 0);
    CHECK(TYPE(reply) == REPLY && reply.data == 4 && reply.words[0] == 31 && area[0] == 7);

    fill(&message, 1, 40);
    CHECK(NtRequestWaitReplyPort(client, &message, &reply) == 0);
    CHECK(TYPE(reply) == REQUEST && reply.words[0] == 41);
    reply.words[0] = 42;
    CHECK(NtReplyWaitReplyPort(client, &reply) == 0);
    CHECK(TYPE(reply) == REPLY && reply.words[0] == 43);

    CHECK(NtWaitForSingleObject(run(die), 0, 0) == 0);
    CHECK(NtClose(client) == 0);
    CHECK(NtWaitForSingleObject(server, 0, 0) == 0);
    CHECK(NtClose(served) == 0);

    /* A server that is gone does not answer. */
    server = run(serve_badly);
    CHECK(NtConnectPort(&client, &name, quality, 0, 0, 0, 0, 0) == 0);
    thread = run(ask);
    CHECK(NtWaitForSingleObject(server, 0, 0) == 0 && NtWaitForSingleObject(thread, 0, 0) == 0);
    CHECK((ULONG)NtRequestPort(client, (fill(&message, 1, 1), &message)) == 0xc0000037);
    CHECK(NtClose(port) == 0);
    CHECK((ULONG)NtConnectPort(&client, &name, quality, 0, 0, 0, 0, 0) == 0xc0000034);
    say("ports\n");
    NtTerminateProcess(NtCurrentProcess(), 0);
}
