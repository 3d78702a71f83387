/* Sockets whose requests end later: told by ports of completion, by functions that the thread calls, and by events;
   given up by CancelIo and by closing; accepted and connected by the functions of mswsock; polled. */
#include <winsock2.h>
#include <ws2tcpip.h>
#include <mswsock.h>
#include <stdio.h>
#include <string.h>

static struct sockaddr_in at;

static SOCKET fresh(int type)
{
    return WSASocketW(AF_INET, type, 0, NULL, 0, WSA_FLAG_OVERLAPPED);
}

static SOCKET listening(void)
{
    SOCKET s = fresh(SOCK_STREAM);
    int length = sizeof at;

    at = (struct sockaddr_in){AF_INET, 0, {{{127, 0, 0, 1}}}};
    bind(s, (struct sockaddr *)&at, sizeof at);
    listen(s, 4);
    getsockname(s, (struct sockaddr *)&at, &length);
    return s;
}

static void pair(SOCKET *a, SOCKET *b)
{
    SOCKET server = listening();

    *a = fresh(SOCK_STREAM);
    connect(*a, (struct sockaddr *)&at, sizeof at);
    *b = accept(server, NULL, NULL);
    closesocket(server);
}

/* Prints what a port has next. */
static void next(HANDLE port, OVERLAPPED *a, OVERLAPPED *b)
{
    DWORD count = 99;
    ULONG_PTR key = 99;
    OVERLAPPED *over = NULL;
    BOOL result = GetQueuedCompletionStatus(port, &count, &key, &over, 1000);
    DWORD error = result ? 0 : GetLastError();

    printf("  packet %d %lu key %lu %s count %lu\n", result, error, (ULONG)key,
           over == a ? "first" : over == b ? "second" : over ? "other" : "none", over ? count : 0);
}

static void ports(void)
{
    SOCKET a, b;
    OVERLAPPED first = {0}, second = {0};
    char text[8] = "", more[8] = "";
    WSABUF in = {sizeof text, text}, in2 = {sizeof more, more}, out = {5, "hello"};
    DWORD count = 0, flags = 0;
    OVERLAPPED *over = NULL;
    ULONG_PTR key;
    HANDLE port;
    int result;

    pair(&a, &b);
    port = CreateIoCompletionPort((HANDLE)b, NULL, 7, 0);
    printf("ports %d same %d\n", port != NULL, CreateIoCompletionPort((HANDLE)a, port, 8, 0) == port);
    result = WSARecv(b, &in, 1, NULL, &flags, &first, NULL);
    printf("begun %d %d\n", result, WSAGetLastError());
    result = WSARecv(b, &in2, 1, NULL, &flags, &second, NULL);
    printf("again %d %d\n", result, WSAGetLastError());
    result = send(a, "one", 3, 0);
    printf("sent %d\n", result);
    next(port, &first, &second);
    send(a, "three", 5, 0);
    next(port, &first, &second);
    printf("  %.3s %.5s\n", text, more);
    result = WSASend(a, &out, 1, &count, 0, &first, NULL);
    printf("sent %d %lu\n", result, count);
    next(port, &first, &second);
    result = WSARecv(b, &in, 1, &count, &flags, &second, NULL);
    printf("at once %d %lu\n", result, count);
    next(port, &first, &second);
    /* A bit in the event says that no packet is wanted. */
    first.hEvent = (HANDLE)((ULONG_PTR)CreateEventW(NULL, TRUE, FALSE, NULL) | 1);
    result = WSARecv(b, &in, 1, NULL, &flags, &first, NULL);
    send(a, "x", 1, 0);
    printf("quiet %d %lu", result, WaitForSingleObject(first.hEvent, 1000));
    printf(" %d\n", WSAGetOverlappedResult(b, &first, &count, FALSE, &flags));
    first.hEvent = NULL;
    result = WSARecv(b, &in, 1, NULL, &flags, &first, NULL);
    shutdown(a, SD_SEND);
    printf("end %d\n", result);
    next(port, &first, &second);
    WSARecv(a, &in, 1, NULL, &flags, &second, NULL);
    closesocket(a);
    printf("closed %d\n", GetQueuedCompletionStatus(port, &count, &key, &over, 1000) || over != &second);
    closesocket(b);
    CloseHandle(port);
}

static DWORD told_error, told_count, told_flags, told_times;

static void CALLBACK routine(DWORD error, DWORD count, OVERLAPPED *over, DWORD flags)
{
    told_error = error;
    told_count = count;
    told_flags = flags;
    told_times++;
    over->Offset = 77;
}

static void functions(void)
{
    SOCKET a, b;
    OVERLAPPED over = {0};
    char text[8] = "";
    WSABUF in = {sizeof text, text}, out = {4, "word"};
    DWORD flags = 0, count;
    int result;

    pair(&a, &b);
    result = WSARecv(b, &in, 1, NULL, &flags, &over, routine);
    printf("begun %d %d\n", result, WSAGetLastError());
    printf("nothing %lu", SleepEx(10, TRUE));
    send(a, "abc", 3, 0);
    printf(" not alertable %lu %lu", SleepEx(10, FALSE), told_times);
    printf(" then %lu", SleepEx(1000, TRUE));
    printf(": %lu %lu %lu %lu %lu %s\n", told_times, told_error, told_count, told_flags, over.Offset, text);
    result = WSASend(a, &out, 1, &count, 0, &over, routine);
    printf("sent %d %lu before %lu", result, count, told_times);
    printf(" then %lu", SleepEx(1000, TRUE));
    printf(": %lu %lu %lu\n", told_times, told_error, told_count);
    recv(b, text, sizeof text, 0);
    result = WSARecv(b, &in, 1, NULL, &flags, &over, routine);
    printf("pending %d", result);
    printf(" cancelled %d", CancelIo((HANDLE)b));
    printf(" then %lu", SleepEx(1000, TRUE));
    printf(": %lu %lu %lu\n", told_times, told_error, told_count);
    closesocket(a);
    closesocket(b);
}

static void cancelling(void)
{
    SOCKET a, b;
    OVERLAPPED first = {0}, second = {0};
    char text[8];
    WSABUF in = {sizeof text, text};
    DWORD flags = 0, count;

    pair(&a, &b);
    first.hEvent = CreateEventW(NULL, TRUE, FALSE, NULL);
    second.hEvent = CreateEventW(NULL, TRUE, FALSE, NULL);
    WSARecv(b, &in, 1, NULL, &flags, &first, NULL);
    WSARecv(b, &in, 1, NULL, &flags, &second, NULL);
    printf("one %d", CancelIoEx((HANDLE)b, &second));
    printf(" first %lu second %lu", WaitForSingleObject(first.hEvent, 0), WaitForSingleObject(second.hEvent, 1000));
    printf(" %d", WSAGetOverlappedResult(b, &second, &count, FALSE, &flags));
    printf(" %d", WSAGetLastError());
    printf(" again %d", CancelIoEx((HANDLE)b, &second));
    printf(" %lu\n", GetLastError());
    closesocket(b);
    printf("closed %lu %d\n", WaitForSingleObject(first.hEvent, 1000), first.Internal != 0);
    closesocket(a);
}

static void *extension(SOCKET s, GUID guid)
{
    void *function = NULL;
    DWORD count;

    WSAIoctl(s, SIO_GET_EXTENSION_FUNCTION_POINTER, &guid, sizeof guid, &function, sizeof function, &count, NULL, NULL);
    return function;
}

static void extensions(void)
{
    SOCKET server = listening(), a = fresh(SOCK_STREAM), b = fresh(SOCK_STREAM);
    LPFN_ACCEPTEX accept_ex = extension(server, (GUID)WSAID_ACCEPTEX);
    LPFN_CONNECTEX connect_ex = extension(server, (GUID)WSAID_CONNECTEX);
    LPFN_GETACCEPTEXSOCKADDRS addresses = extension(server, (GUID)WSAID_GETACCEPTEXSOCKADDRS);
    LPFN_TRANSMITFILE transmit = extension(server, (GUID)WSAID_TRANSMITFILE);
    LPFN_DISCONNECTEX disconnect_ex = extension(server, (GUID)WSAID_DISCONNECTEX);
    OVERLAPPED accepting = {0}, connecting = {0}, sending = {0};
    struct sockaddr_in own = {AF_INET, 0, {{{127, 0, 0, 1}}}};
    struct sockaddr *local = NULL, *remote = NULL;
    TRANSMIT_FILE_BUFFERS around = {"<", 1, ">", 1};
    char buffer[16 + 2 * (sizeof(struct sockaddr_in) + 16)], text[32] = "";
    int local_length = 0, remote_length = 0, result, length = sizeof own;
    DWORD count = 0, flags = 0;
    HANDLE file;

    printf("there %d %d %d %d %d\n", accept_ex != NULL, connect_ex != NULL, addresses != NULL, transmit != NULL, disconnect_ex != NULL);
    accepting.hEvent = CreateEventW(NULL, TRUE, FALSE, NULL);
    connecting.hEvent = CreateEventW(NULL, TRUE, FALSE, NULL);
    sending.hEvent = CreateEventW(NULL, TRUE, FALSE, NULL);
    result = accept_ex(server, b, buffer, 16, sizeof own + 16, sizeof own + 16, &count, &accepting);
    printf("accept %d %d\n", result, WSAGetLastError());
    result = connect_ex(a, (struct sockaddr *)&at, sizeof at, "first", 5, &count, &connecting);
    printf("unbound %d %d\n", result, WSAGetLastError());
    bind(a, (struct sockaddr *)&own, sizeof own);
    getsockname(a, (struct sockaddr *)&own, &length);
    result = connect_ex(a, (struct sockaddr *)&at, sizeof at, "first", 5, &count, &connecting);
    printf("connect %d %lu", result || WSAGetLastError() == ERROR_IO_PENDING, WaitForSingleObject(connecting.hEvent, 1000));
    result = WSAGetOverlappedResult(a, &connecting, &count, FALSE, &flags);
    printf(" %d %lu\n", result, count);
    printf("accepted %lu", WaitForSingleObject(accepting.hEvent, 1000));
    result = WSAGetOverlappedResult(server, &accepting, &count, FALSE, &flags);
    printf(" %d %lu %.5s", result, count, buffer);
    addresses(buffer, 16, sizeof own + 16, sizeof own + 16, &local, &local_length, &remote, &remote_length);
    printf(" %d %d %d %d\n", local_length, !memcmp(local, &at, 8), remote_length, !memcmp(remote, &own, 8));
    printf("update %d", setsockopt(b, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, (char *)&server, sizeof server));
    printf(" %d\n", setsockopt(a, SOL_SOCKET, SO_UPDATE_CONNECT_CONTEXT, NULL, 0));
    file = CreateFileW(L"transmitted.txt", GENERIC_READ | GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, FILE_FLAG_DELETE_ON_CLOSE, NULL);
    WriteFile(file, "0123456789", 10, &count, NULL);
    sending.Offset = 2;
    result = transmit(b, file, 6, 0, &sending, &around, 0);
    printf("transmit %d %lu", result || WSAGetLastError() == ERROR_IO_PENDING, WaitForSingleObject(sending.hEvent, 1000));
    result = WSAGetOverlappedResult(b, &sending, &count, FALSE, &flags);
    printf(" %d %lu", result, count);
    result = recv(a, text, sizeof text, MSG_WAITALL * 0);
    printf(" %d %s\n", result, text);
    CloseHandle(file);
    result = disconnect_ex(b, NULL, 0, 0);
    printf("disconnect %d", result);
    printf(" end %d\n", recv(a, text, sizeof text, 0));
    closesocket(a);
    closesocket(b);
    closesocket(server);
}

static void polling(void)
{
    SOCKET a, b, server = listening();
    WSAPOLLFD all[2];
    u_long one = 1, waiting = 99;
    OVERLAPPED over = {0};
    DWORD count;
    char text[8];
    int result;

    all[0] = (WSAPOLLFD){server, POLLRDNORM};
    printf("idle %d", WSAPoll(all, 1, 0));
    a = fresh(SOCK_STREAM);
    connect(a, (struct sockaddr *)&at, sizeof at);
    printf(" %d %x\n", WSAPoll(all, 1, 1000), all[0].revents);
    b = accept(server, NULL, NULL);
    all[0] = (WSAPOLLFD){a, POLLRDNORM | POLLWRNORM};
    all[1] = (WSAPOLLFD){b, POLLRDNORM};
    result = WSAPoll(all, 2, 1000);
    printf("writable %d %x %x\n", result, all[0].revents, all[1].revents);
    send(a, "data", 4, 0);
    result = WSAPoll(all + 1, 1, 1000);
    ioctlsocket(b, FIONREAD, &waiting);
    printf("readable %d %x waiting %lu\n", result, all[1].revents, waiting);
    ioctlsocket(b, FIONBIO, &one);
    recv(b, text, sizeof text, 0);
    result = recv(b, text, sizeof text, 0);
    printf("nonblocking %d %d\n", result, WSAGetLastError());
    waiting = 99;
    result = ioctlsocket(b, SIOCATMARK, &waiting);
    printf("mark %d %lu\n", result, waiting);
    over.hEvent = CreateEventW(NULL, TRUE, FALSE, NULL);
    result = WSAIoctl(b, SIO_ADDRESS_LIST_CHANGE, NULL, 0, NULL, 0, &count, &over, NULL);
    printf("addresses %d %d", result, WSAGetLastError());
    CancelIoEx((HANDLE)b, &over);
    printf(" %lu %lx\n", WaitForSingleObject(over.hEvent, 1000), (ULONG)over.Internal);
    shutdown(a, SD_BOTH);
    result = send(a, "x", 1, 0);
    printf("shut %d %d", result, WSAGetLastError());
    result = WSAPoll(all + 1, 1, 1000);
    printf(" end %d\n", recv(b, text, sizeof text, 0));
    closesocket(a);
    closesocket(b);
    closesocket(server);
}

static void options(void)
{
    static const struct {
        const char *name;
        int level, option, value;
    } all[] = {
        {"broadcast", SOL_SOCKET, SO_BROADCAST, 1},
        {"keepalive", SOL_SOCKET, SO_KEEPALIVE, 1},
        {"reuse", SOL_SOCKET, SO_REUSEADDR, 1},
        {"oob", SOL_SOCKET, SO_OOBINLINE, 1},
        {"sndtimeo", SOL_SOCKET, SO_SNDTIMEO, 1500},
        {"ttl", IPPROTO_IP, IP_TTL, 33},
        {"mcast ttl", IPPROTO_IP, IP_MULTICAST_TTL, 5},
        {"mcast loop", IPPROTO_IP, IP_MULTICAST_LOOP, 0},
    };
    SOCKET s = fresh(SOCK_DGRAM), t = fresh(SOCK_STREAM);
    int value, length, index, result;
    WSAPROTOCOL_INFOW info;

    for (index = 0; index < (int)(sizeof all / sizeof *all); index++) {
        SOCKET which = all[index].option == SO_KEEPALIVE || all[index].option == SO_OOBINLINE ? t : s;
        value = all[index].value;
        result = setsockopt(which, all[index].level, all[index].option, (char *)&value, sizeof value);
        value = -1;
        length = sizeof value;
        printf("%s %d", all[index].name, result);
        result = getsockopt(which, all[index].level, all[index].option, (char *)&value, &length);
        printf(" %d %d\n", result, length == 1 ? (unsigned char)value : value);
    }
    value = 1;
    result = setsockopt(t, IPPROTO_TCP, TCP_NODELAY, (char *)&value, sizeof value);
    value = 0;
    length = sizeof value;
    getsockopt(t, IPPROTO_TCP, TCP_NODELAY, (char *)&value, &length);
    printf("nodelay %d %d\n", result, value != 0);
    length = sizeof value;
    value = -1;
    result = getsockopt(t, SOL_SOCKET, SO_ACCEPTCONN, (char *)&value, &length);
    printf("listens %d %d\n", result, value);
    length = sizeof info;
    result = getsockopt(t, SOL_SOCKET, SO_PROTOCOL_INFOW, (char *)&info, &length);
    printf("protocol %d %d %d %d %d\n", result, length == sizeof info, info.iAddressFamily, info.iSocketType, info.iProtocol);
    result = setsockopt(t, SOL_SOCKET, 0x7777, (char *)&value, sizeof value);
    printf("unknown %d %d\n", result, WSAGetLastError());
    result = getsockopt(t, SOL_SOCKET, SO_TYPE, (char *)&value, NULL);
    printf("nowhere %d %d\n", result, WSAGetLastError());
    closesocket(s);
    closesocket(t);
}

static void six(void)
{
    SOCKET server = socket(AF_INET6, SOCK_STREAM, 0), a = socket(AF_INET6, SOCK_STREAM, 0), b;
    struct sockaddr_in6 at6 = {AF_INET6, 0, 0, IN6ADDR_LOOPBACK_INIT}, from;
    int length = sizeof at6, result, only = -1, size = sizeof only;
    char text[64] = "";
    DWORD room = sizeof text;
    struct addrinfo hints = {0}, *found = NULL;

    getsockopt(a, IPPROTO_IPV6, IPV6_V6ONLY, (char *)&only, &size);
    printf("only %d", only);
    printf(" bind %d", bind(server, (struct sockaddr *)&at6, sizeof at6));
    listen(server, 1);
    getsockname(server, (struct sockaddr *)&at6, &length);
    printf(" length %d connect %d", length, connect(a, (struct sockaddr *)&at6, sizeof at6));
    length = sizeof from;
    b = accept(server, (struct sockaddr *)&from, &length);
    send(a, "six", 3, 0);
    result = recv(b, text, sizeof text, 0);
    printf(" received %d %s\n", result, text);
    from.sin6_port = htons(80);
    result = WSAAddressToStringA((struct sockaddr *)&from, sizeof from, NULL, text, &room);
    printf("text %d %s %lu\n", result, text, room);
    room = 4;
    result = WSAAddressToStringA((struct sockaddr *)&from, sizeof from, NULL, text, &room);
    printf("short %d %d %lu\n", result, WSAGetLastError(), room);
    length = sizeof from;
    result = WSAStringToAddressA("[::1]:443", AF_INET6, NULL, (struct sockaddr *)&from, &length);
    printf("back %d %d\n", result, ntohs(from.sin6_port));
    printf("numbers %d %s\n", inet_pton(AF_INET6, "fe80::1:2", &from.sin6_addr),
           inet_ntop(AF_INET6, &from.sin6_addr, text, sizeof text));
    hints.ai_flags = AI_PASSIVE;
    hints.ai_family = AF_INET6;
    hints.ai_socktype = SOCK_STREAM;
    result = getaddrinfo(NULL, "7", &hints, &found);
    printf("passive %d %d\n", result, found && IN6_IS_ADDR_UNSPECIFIED(&((struct sockaddr_in6 *)found->ai_addr)->sin6_addr));
    freeaddrinfo(found);
    closesocket(a);
    closesocket(b);
    closesocket(server);
}

int main(void)
{
    WSADATA data;

    setvbuf(stdout, NULL, _IONBF, 0);
    WSAStartup(MAKEWORD(2, 2), &data);
    ports();
    functions();
    cancelling();
    extensions();
    polling();
    options();
    six();
    WSACleanup();
    return 0;
}
