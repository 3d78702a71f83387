/* Sockets by the device Afd alone, without Winsock: codes and structures as System Informer's ntafd.h has them, for sockets
   without a transport device of their own. */
#include <winsock2.h>
#include <ws2tcpip.h>
#include <winternl.h>
#include <stdio.h>
#include <string.h>

#define CODE(request, method) (0x12 << 12 | (request) << 2 | (method))
#define AFD_BIND CODE(0, 3)
#define AFD_CONNECT CODE(1, 3)
#define AFD_START_LISTEN CODE(2, 3)
#define AFD_WAIT_FOR_LISTEN CODE(3, 0)
#define AFD_ACCEPT CODE(4, 0)
#define AFD_RECEIVE CODE(5, 3)
#define AFD_RECEIVE_DATAGRAM CODE(6, 3)
#define AFD_SEND CODE(7, 3)
#define AFD_SEND_DATAGRAM CODE(8, 3)
#define AFD_POLL CODE(9, 0)
#define AFD_PARTIAL_DISCONNECT CODE(10, 3)
#define AFD_GET_ADDRESS CODE(11, 3)
#define AFD_QUERY_RECEIVE_INFO CODE(12, 3)
#define AFD_SET_INFORMATION CODE(14, 3)
#define AFD_GET_REMOTE_ADDRESS CODE(15, 3)
#define AFD_GET_CONTEXT CODE(16, 3)
#define AFD_SET_CONTEXT CODE(17, 3)
#define AFD_GET_INFORMATION CODE(30, 3)
#define AFD_TRANSMIT_FILE CODE(31, 3)
#define AFD_EVENT_SELECT CODE(33, 3)
#define AFD_ENUM_NETWORK_EVENTS CODE(34, 3)
#define AFD_DEFER_ACCEPT CODE(35, 0)
#define AFD_TRANSPORT_IOCTL CODE(47, 3)

enum { POLL_RECEIVE = 1, POLL_SEND = 4, POLL_DISCONNECT = 8, POLL_ABORT = 16, POLL_LOCAL_CLOSE = 32, POLL_CONNECT = 64,
       POLL_ACCEPT = 128, POLL_CONNECT_FAIL = 256 };

struct open_packet {
    ULONG flags, group;
    LONG family, type, protocol;
    ULONG device_length;
    WCHAR device[16];
};

struct open_packet_ea {
    ULONG next;
    UCHAR flags, name_length;
    USHORT value_length;
    char name[16];
    struct open_packet packet;
};

struct bind_info {
    ULONG share;
    struct sockaddr_in address;
};

struct connect_info {
    BOOLEAN san;
    HANDLE root, endpoint;
    struct sockaddr_in address;
};

struct listen_info {
    BOOLEAN san;
    ULONG queue;
    BOOLEAN delayed;
};

struct listen_response {
    LONG sequence;
    struct sockaddr_in address;
};

struct accept_info {
    BOOLEAN san;
    LONG sequence;
    HANDLE handle;
};

struct defer_info {
    LONG sequence;
    BOOLEAN reject;
};

struct transfer_info {
    WSABUF *buffers;
    ULONG count, afd_flags, tdi_flags;
};

struct datagram_info {
    struct transfer_info transfer;
    void *address;
    ULONG *length;
};

/* TDI_REQUEST_SEND_DATAGRAM and TDI_CONNECTION_INFORMATION of tdi.h, the first one's address where Windows 7 was seen to
   have it.   [Dr. Memory's afd_shared.h] */
struct send_datagram_info {
    WSABUF *buffers;
    ULONG count, afd_flags;
    struct {
        void *handle, *notify, *context;
        LONG status;
        void *information;
    } request;
    struct {
        LONG user_length;
        void *user;
        LONG options_length;
        void *options;
        LONG address_length;
        void *address;
    } connection;
};

struct poll_info {
    LARGE_INTEGER timeout;
    ULONG count;
    BOOLEAN unique;
    struct {
        HANDLE handle;
        ULONG events;
        LONG status;
    } handles[3];
};

struct disconnect_info {
    ULONG mode;
    LARGE_INTEGER timeout;
};

struct information {
    ULONG type;
    union {
        BOOLEAN boolean;
        ULONG number;
        LARGE_INTEGER large;
    } value;
};

struct transmit_file_info {
    LARGE_INTEGER offset, length;
    ULONG packet;
    HANDLE file;
    void *head;
    ULONG head_length;
    void *tail;
    ULONG tail_length, flags;
};

/* Kinds: 1 sets an option, 2 asks for it. */
struct tl_control_info {
    ULONG type, level, code;
    BOOLEAN endpoint;
    void *in;
    SIZE_T in_length;
};

struct event_select_info {
    HANDLE event;
    ULONG events;
};

struct events_info {
    ULONG events;
    LONG statuses[13];
};

/* Sockets that name their transport's device, as all did before Vista, have other structures.   [tdi.h; ReactOS's afd/shared.h] */
struct older_packet_ea {
    ULONG next;
    UCHAR flags, name_length;
    USHORT value_length;
    char name[16];
    ULONG endpoint_flags, group, device_length;
    WCHAR device[16];
};

#pragma pack(push, 1)
struct transport_address {
    LONG count;
    USHORT length;
    struct sockaddr_in address;
};

struct address_info {
    ULONG users;
    struct transport_address list;
};
#pragma pack(pop)

struct transport_bind_info {
    ULONG share;
    struct transport_address address;
};

struct transport_connect_info {
    BOOLEAN san;
    HANDLE root, endpoint;
    struct transport_address address;
};

struct transport_response {
    LONG sequence;
    struct transport_address address;
};

static NTSTATUS open_as(HANDLE *handle, void *ea, ULONG length)
{
    static WCHAR path[] = L"\\Device\\Afd\\Endpoint";
    UNICODE_STRING name = {sizeof path - 2, sizeof path, path};
    OBJECT_ATTRIBUTES attributes;
    IO_STATUS_BLOCK io;

    InitializeObjectAttributes(&attributes, &name, OBJ_CASE_INSENSITIVE, NULL, NULL);
    return NtCreateFile(handle, GENERIC_READ | GENERIC_WRITE | SYNCHRONIZE, &attributes, &io, NULL, 0,
                        FILE_SHARE_READ | FILE_SHARE_WRITE, FILE_OPEN_IF, 0, ea, length);
}

static NTSTATUS open_socket(HANDLE *handle, LONG family, LONG type, LONG protocol)
{
    struct open_packet_ea ea = {0, 0, 15, 24, "AfdOpenPacketXX", {0, 0, family, type, protocol}};
    return open_as(handle, &ea, sizeof ea - sizeof ea.packet.device);
}

/* Asks, and waits for the answer at an event. */
static NTSTATUS ask(HANDLE socket, ULONG code, void *in, ULONG in_length, void *out, ULONG out_length, ULONG_PTR *done)
{
    HANDLE event = CreateEventW(NULL, FALSE, FALSE, NULL);
    IO_STATUS_BLOCK io = {{STATUS_PENDING}, 0};
    NTSTATUS status = NtDeviceIoControlFile(socket, event, NULL, NULL, &io, code, in, in_length, out, out_length);

    if (status == STATUS_PENDING) {
        WaitForSingleObject(event, INFINITE);
        status = io.Status;
    }
    CloseHandle(event);
    if (done)
        *done = io.Information;
    return status;
}
