/* Ports of the later kind: one call sends and receives.
   Exit status: 0, or the line on which something was wrong. */
#include "ports.h"

NTSTATUS NTAPI NtAlpcCreatePort(HANDLE *, OBJECT_ATTRIBUTES *, void *);
NTSTATUS NTAPI NtAlpcConnectPort(HANDLE *, UNICODE_STRING *, OBJECT_ATTRIBUTES *, void *, ULONG, void *, MESSAGE *, SIZE_T *, void *, void *, LARGE_INTEGER *);
NTSTATUS NTAPI NtAlpcAcceptConnectPort(HANDLE *, HANDLE, ULONG, OBJECT_ATTRIBUTES *, void *, void *, MESSAGE *, void *, BOOLEAN);
NTSTATUS NTAPI NtAlpcSendWaitReceivePort(HANDLE, ULONG, MESSAGE *, void *, MESSAGE *, SIZE_T *, void *, LARGE_INTEGER *);
NTSTATUS NTAPI NtAlpcDisconnectPort(HANDLE, ULONG);
NTSTATUS NTAPI NtAlpcQueryInformation(HANDLE, int, void *, ULONG, ULONG *);
NTSTATUS NTAPI NtAlpcSetInformation(HANDLE, int, void *, ULONG);
NTSTATUS NTAPI NtAlpcOpenSenderProcess(HANDLE *, HANDLE, MESSAGE *, ULONG, ACCESS_MASK, OBJECT_ATTRIBUTES *);
NTSTATUS NTAPI NtCreateIoCompletion(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *, ULONG);
NTSTATUS NTAPI NtRemoveIoCompletion(HANDLE, void **, void **, IO_STATUS_BLOCK *, LARGE_INTEGER *);

#define TYPE(message) ((message).type & 0xff)
enum { REQUEST = 1, REPLY, DATAGRAM, PORT_CLOSED = 5, CONNECTION_REQUEST = 10, CONNECTION_REPLY };
#define RELEASE 0x10000
#define SYNC 0x20000

static HANDLE port, served;
static UNICODE_STRING name = NAME(L"\\RPC Control\\emu-alpc");
static LARGE_INTEGER now = { .QuadPart = 0 };

/* What a receiver is told beside the message: the context is all that it has room for. */
static struct {
    ULONG allocated, valid;
    void *port, *message;
    ULONG sequence, id, callback;
} told = { 0x20000000 };

static void serve(void)
{
    static MESSAGE message;
    SIZE_T size = sizeof message;
    HANDLE sender;
    CHECK(NtAlpcSendWaitReceivePort(port, 0, 0, 0, &message, &size, 0, 0) == 0);
    CHECK(TYPE(message) == CONNECTION_REQUEST && message.words[0] == 1 && size == HEADER + 4);
    message.words[0] = 2;
    CHECK(NtAlpcAcceptConnectPort(&served, port, 0, 0, 0, 0, &message, 0, 0) == 0);
    CHECK((ULONG)NtAlpcAcceptConnectPort(&served, port, 0, 0, 0, 0, &message, 0, 1) == 0xc000021f);
    size = sizeof message;
    CHECK(NtAlpcSendWaitReceivePort(port, 0, 0, 0, &message, &size, 0, 0) == 0);
    message.words[0] = 3;
    CHECK(NtAlpcAcceptConnectPort(&served, port, 0, 0, 0, (void *)77, &message, 0, 1) == 0);
    size = sizeof message;
    CHECK(NtAlpcSendWaitReceivePort(port, 0, 0, 0, &message, &size, &told, 0) == 0);
    CHECK(TYPE(message) == DATAGRAM && message.words[0] == 10);
    CHECK(told.valid == 0x20000000 && told.port == (void *)77 && told.id == message.id);
    size = sizeof message;
    CHECK(NtAlpcSendWaitReceivePort(port, 0, 0, 0, &message, &size, 0, 0) == 0);
    CHECK(TYPE(message) == REQUEST && message.words[0] == 20);
    CHECK(NtAlpcOpenSenderProcess(&sender, port, &message, 0, PROCESS_QUERY_INFORMATION, (OBJECT_ATTRIBUTES[]) { { sizeof(OBJECT_ATTRIBUTES) } }) == 0);
    /* The answer and the next request at once; that one is not waited for. */
    message.words[0] = 21;
    static MESSAGE next;
    size = sizeof next;
    CHECK(NtAlpcSendWaitReceivePort(port, RELEASE, &message, 0, &next, &size, 0, 0) == 0);
    CHECK(TYPE(next) == REQUEST && next.words[0] == 30);
    next.words[0] = 31;
    CHECK(NtAlpcSendWaitReceivePort(port, RELEASE, &next, 0, 0, 0, 0, 0) == 0);
    CHECK((ULONG)NtAlpcSendWaitReceivePort(port, RELEASE, &next, 0, 0, 0, 0, 0) == 0xc000021f);
    /* Its own word to the client. */
    fill(&next, 1, 32);
    CHECK(NtAlpcSendWaitReceivePort(served, RELEASE, &next, 0, 0, 0, 0, 0) == 0);
    size = sizeof message;
    CHECK(NtAlpcSendWaitReceivePort(port, 0, 0, 0, &message, &size, 0, 0) == 0);
    CHECK(TYPE(message) == PORT_CLOSED);
    NtTerminateThread(SELF, 0);
}

void start(void)
{
    static MESSAGE message, reply;
    OBJECT_ATTRIBUTES attributes = { sizeof attributes };
    IO_STATUS_BLOCK io;
    SIZE_T size = sizeof message;
    HANDLE client, server, completion, slow;
    void *key, *transfer;
    struct { ULONG flags, sequence; void *context; } about;

    attributes.ObjectName = &name;
    fill(&message, 1, 1);
    CHECK((ULONG)NtAlpcConnectPort(&client, &name, 0, 0, SYNC, 0, &message, &size, 0, 0, 0) == 0xc0000034);
    CHECK(NtAlpcCreatePort(&port, &attributes, 0) == 0);
    size = sizeof reply;
    CHECK(NtAlpcSendWaitReceivePort(port, 0, 0, 0, &reply, &size, 0, &now) == STATUS_TIMEOUT);
    server = run(serve);
    CHECK((ULONG)NtAlpcConnectPort(&client, &name, 0, 0, SYNC, 0, &message, &size, 0, 0, 0) == 0xc0000041);
    fill(&message, 1, 1);
    size = sizeof message;
    CHECK(NtAlpcConnectPort(&client, &name, 0, 0, SYNC, 0, &message, &size, 0, 0, 0) == 0);
    CHECK(TYPE(message) == CONNECTION_REPLY && message.words[0] == 3 && size == HEADER + 4);

    CHECK(NtCreateIoCompletion(&completion, 0x1f0003, 0, 0) == 0);
    CHECK(NtAlpcSetInformation(client, 2, (void *[]) { (void *)5, completion }, 2 * sizeof(void *)) == 0);

    fill(&message, 1, 10);
    CHECK(NtAlpcSendWaitReceivePort(client, RELEASE, &message, 0, 0, 0, 0, 0) == 0);
    fill(&message, 1, 20);
    CHECK((ULONG)NtAlpcSendWaitReceivePort(client, SYNC, &message, 0, 0, 0, 0, 0) == 0xc0000705);
    size = sizeof reply;
    CHECK(NtAlpcSendWaitReceivePort(client, SYNC, &message, 0, &reply, &size, 0, 0) == 0);
    CHECK(TYPE(reply) == REPLY && reply.words[0] == 21 && reply.id == message.id);
    fill(&message, 1, 30);
    CHECK(NtAlpcSendWaitReceivePort(client, 0, &message, 0, 0, 0, 0, 0) == 0 && message.id);
    CHECK(NtRemoveIoCompletion(completion, &key, &transfer, &io, 0) == 0 && key == (void *)5);
    CHECK(NtWaitForSingleObject(client, 0, 0) == 0);
    size = HEADER;
    CHECK((ULONG)NtAlpcSendWaitReceivePort(client, 0, 0, 0, &reply, &size, 0, 0) == 0xc0000023 && size == HEADER + 4);
    size = sizeof reply;
    CHECK(NtAlpcSendWaitReceivePort(client, 0, 0, 0, &reply, &size, 0, 0) == 0);
    CHECK(TYPE(reply) == REPLY && reply.words[0] == 31 && reply.id == message.id);
    size = sizeof reply;
    CHECK(NtAlpcSendWaitReceivePort(client, 0, 0, 0, &reply, &size, 0, 0) == 0);
    CHECK(TYPE(reply) == DATAGRAM && reply.words[0] == 32);
    CHECK(NtAlpcDisconnectPort(client, 0) == 0);
    CHECK(NtWaitForSingleObject(server, 0, 0) == 0);
    CHECK(NtAlpcQueryInformation(served, 0, &about, sizeof about, 0) == 0 && about.context == (void *)77);
    fill(&message, 1, 1);
    CHECK((ULONG)NtAlpcSendWaitReceivePort(client, RELEASE, &message, 0, 0, 0, 0, 0) == 0xc0000037);

    /* Who does not wait is told by a message. */
    CHECK(NtAlpcConnectPort(&slow, &name, 0, 0, 0, 0, 0, 0, 0, 0, 0) == 0);
    size = sizeof message;
    CHECK(NtAlpcSendWaitReceivePort(port, 0, 0, 0, &message, &size, 0, 0) == 0);
    CHECK(NtAlpcAcceptConnectPort(&served, port, 0, 0, 0, 0, &message, 0, 1) == 0);
    size = sizeof reply;
    CHECK(NtAlpcSendWaitReceivePort(slow, 0, 0, 0, &reply, &size, 0, 0) == 0 && TYPE(reply) == CONNECTION_REPLY);
    say("alpc\n");
    NtTerminateProcess(NtCurrentProcess(), 0);
}
