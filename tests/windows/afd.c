/* Streams, messages, refusals, polling and events of sockets that speak with the device Afd as Windows' own library does. */
#include "afd.h"

static const struct sockaddr_in anywhere = {AF_INET, 0, {{{127, 0, 0, 1}}}};

static NTSTATUS bind_to(HANDLE socket, struct sockaddr_in *address)
{
    struct bind_info info = {3, *address};
    return ask(socket, AFD_BIND, &info, sizeof info, address, sizeof *address, NULL);
}

static NTSTATUS connect_to(HANDLE socket, const struct sockaddr_in *address)
{
    struct connect_info info = {FALSE, NULL, NULL, *address};
    return ask(socket, AFD_CONNECT, &info, sizeof info, NULL, 0, NULL);
}

static NTSTATUS transfer(HANDLE socket, ULONG code, ULONG tdi, void *a, ULONG a_length, void *b, ULONG b_length, ULONG_PTR *done)
{
    WSABUF buffers[2] = {{a_length, a}, {b_length, b}};
    struct transfer_info info = {buffers, 2, 0, tdi};
    return ask(socket, code, &info, sizeof info, NULL, 0, done);
}

static const char *show(const struct sockaddr_in *address, const struct sockaddr_in *like)
{
    return address->sin_family == AF_INET && address->sin_port == like->sin_port
        && address->sin_addr.s_addr == like->sin_addr.s_addr ? "same" : "other";
}

static HANDLE listener(struct sockaddr_in *at)
{
    HANDLE socket;
    struct listen_info info = {FALSE, 4, FALSE};

    printf("open %lx", open_socket(&socket, AF_INET, SOCK_STREAM, IPPROTO_TCP));
    printf(" early %lx", ask(socket, AFD_START_LISTEN, &info, sizeof info, NULL, 0, NULL));
    *at = anywhere;
    printf(" bind %lx %d", bind_to(socket, at), at->sin_port != 0);
    printf(" again %lx", bind_to(socket, at));
    printf(" listen %lx\n", ask(socket, AFD_START_LISTEN, &info, sizeof info, NULL, 0, NULL));
    return socket;
}

static void streams(void)
{
    struct sockaddr_in at, own = anywhere, told;
    HANDLE server = listener(&at), client, peer, third;
    struct listen_response response;
    struct accept_info accept = {FALSE};
    struct defer_info defer = {0, TRUE};
    struct disconnect_info disconnect = {1};
    ULONG waiting[2];
    char text[8] = "", more[8] = "";
    ULONG_PTR done;

    open_socket(&client, AF_INET, SOCK_STREAM, IPPROTO_TCP);
    printf("unbound %lx\n", ask(client, AFD_GET_ADDRESS, NULL, 0, &told, sizeof told, NULL));
    bind_to(client, &own);
    printf("unconnected %lx\n", transfer(client, AFD_SEND, 0, "a", 1, "b", 1, &done));
    printf("connect %lx\n", connect_to(client, &at));
    printf("wait %lx", ask(server, AFD_WAIT_FOR_LISTEN, NULL, 0, &response, sizeof response, &done));
    printf(" %lu %s\n", (ULONG)done, show(&response.address, &own));
    open_socket(&peer, AF_INET, SOCK_STREAM, IPPROTO_TCP);
    accept.sequence = response.sequence;
    accept.handle = peer;
    printf("accept %lx", ask(server, AFD_ACCEPT, &accept, sizeof accept, NULL, 0, NULL));
    printf(" again %lx\n", ask(server, AFD_ACCEPT, &accept, sizeof accept, NULL, 0, NULL));
    printf("own %lx", ask(peer, AFD_GET_ADDRESS, NULL, 0, &told, sizeof told, &done));
    printf(" %lu %s", (ULONG)done, show(&told, &at));
    printf(" remote %lx", ask(peer, AFD_GET_REMOTE_ADDRESS, NULL, 0, &told, sizeof told, NULL));
    printf(" %s", show(&told, &own));
    printf(" short %lx\n", ask(peer, AFD_GET_REMOTE_ADDRESS, NULL, 0, &told, 8, NULL));
    printf("send %lx", transfer(client, AFD_SEND, 0, "hel", 3, "lo!", 3, &done));
    printf(" %lu", (ULONG)done);
    printf(" waiting %lx", ask(peer, AFD_QUERY_RECEIVE_INFO, NULL, 0, waiting, sizeof waiting, NULL));
    printf(" %lu %lu", waiting[0], waiting[1]);
    printf(" peek %lx", transfer(peer, AFD_RECEIVE, 0xa0, text, 2, more, 2, &done));
    printf(" %lu %s%s", (ULONG)done, text, more);
    printf(" receive %lx", transfer(peer, AFD_RECEIVE, 0x20, text, 4, more, 7, &done));
    printf(" %lu %s %s\n", (ULONG)done, text, more);
    printf("end %lx", ask(client, AFD_PARTIAL_DISCONNECT, &disconnect, sizeof disconnect, NULL, 0, NULL));
    printf(" %lx", transfer(client, AFD_SEND, 0, "a", 1, "b", 1, &done));
    printf(" %lx", transfer(peer, AFD_RECEIVE, 0x20, text, 4, more, 4, &done));
    printf(" %lu\n", (ULONG)done);
    NtClose(peer);
    NtClose(client);
    open_socket(&third, AF_INET, SOCK_STREAM, IPPROTO_TCP);
    connect_to(third, &at);
    printf("next %lx", ask(server, AFD_WAIT_FOR_LISTEN, NULL, 0, &response, sizeof response, NULL));
    defer.sequence = response.sequence;
    printf(" reject %lx", ask(server, AFD_DEFER_ACCEPT, &defer, sizeof defer, NULL, 0, NULL));
    printf(" %lx\n", transfer(third, AFD_RECEIVE, 0x20, text, 4, more, 4, &done));
    NtClose(third);
    NtClose(server);
    open_socket(&third, AF_INET, SOCK_STREAM, IPPROTO_TCP);
    printf("refused %lx\n", connect_to(third, &at));
    NtClose(third);
}

static void messages(void)
{
    struct sockaddr_in at = anywhere, other = anywhere, from;
    HANDLE a, b;
    char text[8] = "";
    WSABUF out = {6, "packet"}, in = {sizeof text, text};
    struct send_datagram_info send = {&out, 1};
    ULONG length = sizeof from;
    struct datagram_info receive = {{&in, 1, 0, 0x20}, &from, &length};
    ULONG_PTR done;

    open_socket(&a, AF_INET, SOCK_DGRAM, IPPROTO_UDP);
    open_socket(&b, AF_INET, SOCK_DGRAM, IPPROTO_UDP);
    bind_to(a, &at);
    bind_to(b, &other);
    send.connection.address_length = sizeof at;
    send.connection.address = &at;
    printf("send %lx", ask(b, AFD_SEND_DATAGRAM, &send, sizeof send, NULL, 0, &done));
    printf(" %lu", (ULONG)done);
    printf(" receive %lx", ask(a, AFD_RECEIVE_DATAGRAM, &receive, sizeof receive, NULL, 0, &done));
    printf(" %lu %s %lu %s\n", (ULONG)done, text, length, show(&from, &other));
    ask(b, AFD_SEND_DATAGRAM, &send, sizeof send, NULL, 0, &done);
    in.len = 3;
    printf("cut %lx", ask(a, AFD_RECEIVE_DATAGRAM, &receive, sizeof receive, NULL, 0, &done));
    printf(" %lu\n", (ULONG)done);
    NtClose(a);
    NtClose(b);
}

static void waiting(void)
{
    struct sockaddr_in at;
    HANDLE server = listener(&at), client, peer, event = CreateEventW(NULL, TRUE, FALSE, NULL);
    struct poll_info poll = {{{0}}, 1, FALSE};
    struct listen_response response;
    struct accept_info accept = {FALSE};
    struct event_select_info select = {event, POLL_RECEIVE | POLL_DISCONNECT};
    struct events_info events;
    struct information information = {2};
    IO_STATUS_BLOCK io;
    ULONG_PTR done;
    char text[4];

    poll.timeout.QuadPart = -10000;
    poll.handles[0].handle = server;
    poll.handles[0].events = POLL_ACCEPT;
    printf("nothing %lx", ask(server, AFD_POLL, &poll, sizeof poll, &poll, sizeof poll, &done));
    printf(" %lu\n", poll.count);
    open_socket(&client, AF_INET, SOCK_STREAM, IPPROTO_TCP);
    connect_to(client, &at);
    poll.count = 2;
    poll.timeout.QuadPart = 0x7fffffffffffffffll;
    poll.handles[0].handle = client;
    poll.handles[0].events = POLL_RECEIVE;
    poll.handles[1].handle = server;
    poll.handles[1].events = POLL_ACCEPT | POLL_RECEIVE;
    printf("one %lx", ask(server, AFD_POLL, &poll, sizeof poll, &poll, sizeof poll, &done));
    printf(" %lu %d %lx %lx, %d\n", poll.count, poll.handles[0].handle == server, poll.handles[0].events,
           poll.handles[0].status, done == (ULONG_PTR)((char *)&poll.handles[1] - (char *)&poll));
    ask(server, AFD_WAIT_FOR_LISTEN, NULL, 0, &response, sizeof response, NULL);
    open_socket(&peer, AF_INET, SOCK_STREAM, IPPROTO_TCP);
    accept.sequence = response.sequence;
    accept.handle = peer;
    ask(server, AFD_ACCEPT, &accept, sizeof accept, NULL, 0, NULL);
    printf("select %lx", ask(peer, AFD_EVENT_SELECT, &select, sizeof select, NULL, 0, NULL));
    printf(" early %lx", WaitForSingleObject(event, 0));
    transfer(client, AFD_SEND, 0, "x", 1, "y", 1, &done);
    printf(" event %lx", WaitForSingleObject(event, 1000));
    memset(&events, 0xcc, sizeof events);
    printf(" enumerate %lx", ask(peer, AFD_ENUM_NETWORK_EVENTS, event, 0, &events, sizeof events, NULL));
    printf(" %lx %lx reset %lx\n", events.events, events.statuses[0], WaitForSingleObject(event, 0));
    information.value.boolean = TRUE;
    printf("nonblocking %lx", ask(peer, AFD_SET_INFORMATION, &information, sizeof information, NULL, 0, NULL));
    transfer(peer, AFD_RECEIVE, 0x20, text, 2, text, 2, &done);
    printf(" %lx\n", transfer(peer, AFD_RECEIVE, 0x20, text, 2, text, 2, &done));
    poll.count = 1;
    poll.handles[0].handle = peer;
    poll.handles[0].events = POLL_RECEIVE | POLL_LOCAL_CLOSE;
    printf("poll %lx", NtDeviceIoControlFile(server, event, NULL, NULL, &io, AFD_POLL, &poll, sizeof poll, &poll, sizeof poll));
    NtClose(peer);
    printf(" closed %lx %lx %lu %lx\n", WaitForSingleObject(event, 1000), io.Status, poll.count, poll.handles[0].events);
    NtClose(client);
    NtClose(server);
}

static void under_way(void)
{
    struct sockaddr_in at = anywhere;
    HANDLE a, event = CreateEventW(NULL, TRUE, FALSE, NULL);
    char text[8];
    WSABUF in = {sizeof text, text};
    struct datagram_info receive = {{&in, 1, 2, 0x20}};
    struct information information = {6};
    char context[32] = "what a library keeps", kept[32];
    IO_STATUS_BLOCK io;
    ULONG_PTR done;

    open_socket(&a, AF_INET, SOCK_DGRAM, IPPROTO_UDP);
    bind_to(a, &at);
    printf("context %lx", ask(a, AFD_SET_CONTEXT, context, 24, NULL, 0, NULL));
    printf(" %lx", ask(a, AFD_GET_CONTEXT, NULL, 0, kept, sizeof kept, &done));
    printf(" %lu %s", (ULONG)done, kept);
    printf(" short %lx\n", ask(a, AFD_GET_CONTEXT, NULL, 0, kept, 8, NULL));
    printf("window %lx", ask(a, AFD_GET_INFORMATION, &information, sizeof information, &information, sizeof information, &done));
    printf(" %lu %d", (ULONG)done, information.value.number > 4095);
    information.value.number = 100000;
    printf(" set %lx", ask(a, AFD_SET_INFORMATION, &information, sizeof information, NULL, 0, NULL));
    information.value.number = 0;
    ask(a, AFD_GET_INFORMATION, &information, sizeof information, &information, sizeof information, &done);
    printf(" %lu", information.value.number);
    information.type = 99;
    printf(" unknown %lx\n", ask(a, AFD_GET_INFORMATION, &information, sizeof information, &information, sizeof information, &done));
    io.Status = 7;
    printf("begun %lx", NtDeviceIoControlFile(a, event, NULL, NULL, &io, AFD_RECEIVE_DATAGRAM, &receive, sizeof receive, NULL, 0));
    printf(" %lx", WaitForSingleObject(event, 0));
    NtClose(a);
    printf(" closed %lx %lx\n", WaitForSingleObject(event, 1000), io.Status);
    printf("no family %d", open_socket(&a, 99, SOCK_STREAM, 0) < 0);
    printf(" no protocol %d\n", open_socket(&a, AF_INET, SOCK_STREAM, IPPROTO_UDP) < 0);
    printf("none %lx", ask((HANDLE)0x7770, AFD_RECEIVE, &receive, sizeof receive, NULL, 0, NULL));
    printf(" too short %lx\n", (open_socket(&a, AF_INET, SOCK_STREAM, 0), ask(a, AFD_BIND, &at, 8, NULL, 0, NULL)));
}

/* An option, and a part of a file with what goes around it, which ends the connection. */
static void other(HANDLE client, HANDLE peer)
{
    ULONG value = 1, told = 9, count;
    struct tl_control_info control = {1, IPPROTO_TCP, TCP_NODELAY, TRUE, &value, sizeof value};
    struct transmit_file_info transmit = {{{0}}};
    char text[16] = "", rest[4];
    ULONG_PTR done;

    printf("option %lx", ask(client, AFD_TRANSPORT_IOCTL, &control, sizeof control, NULL, 0, NULL));
    control.type = 2;
    printf(" %lx", ask(client, AFD_TRANSPORT_IOCTL, &control, sizeof control, &told, sizeof told, &done));
    printf(" %lu %lu\n", told, (ULONG)done);
    transmit.file = CreateFileW(L"part.txt", GENERIC_READ | GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, FILE_FLAG_DELETE_ON_CLOSE, NULL);
    WriteFile(transmit.file, "0123456789", 10, &count, NULL);
    transmit.offset.QuadPart = 4;
    transmit.length.QuadPart = 3;
    transmit.head = "<";
    transmit.tail = ">";
    transmit.head_length = transmit.tail_length = 1;
    transmit.flags = 1;
    printf("transmit %lx", ask(client, AFD_TRANSMIT_FILE, &transmit, sizeof transmit, NULL, 0, &done));
    printf(" %lu", (ULONG)done);
    printf(" receive %lx", transfer(peer, AFD_RECEIVE, 0x20, text, 15, rest, 1, &done));
    printf(" %s", text);
    printf(" end %lx", transfer(peer, AFD_RECEIVE, 0x20, text, 15, rest, 1, &done));
    printf(" %lu\n", (ULONG)done);
    NtClose(transmit.file);
}

static void transports(void)
{
    struct older_packet_ea older = {0, 0, 15, 12 + 22, "AfdOpenPacketXX", 0, 0, 22, L"\\Device\\Tcp"};
    struct open_packet_ea newer = {0, 0, 15, 24 + 22, "AfdOpenPacketXX", {0, 0, AF_INET, SOCK_STREAM, IPPROTO_TCP, 22, L"\\Device\\Tcp"}};
    HANDLE server, client, peer;
    struct transport_bind_info bind = {0, {1, 14, anywhere}};
    struct transport_connect_info connect = {FALSE, NULL, NULL, {1, 14}};
    struct address_info at = {0}, own = {0};
    struct listen_info listen = {FALSE, 1, FALSE};
    struct transport_response response;
    struct accept_info accept = {FALSE};
    char text[4] = "";
    ULONG_PTR done;

    printf("older %lx", open_as(&server, &older, sizeof older));
    printf(" newer %lx\n", open_as(&client, &newer, sizeof newer));
    printf("bind %lx", ask(server, AFD_BIND, &bind, sizeof bind, &at, sizeof at, &done));
    printf(" %lu %ld %u %d", (ULONG)done, at.list.count, at.list.length, at.list.address.sin_port != 0);
    printf(" listen %lx\n", ask(server, AFD_START_LISTEN, &listen, sizeof listen, NULL, 0, NULL));
    connect.address = at.list;
    printf("connect %lx", ask(client, AFD_CONNECT, &connect, sizeof connect, NULL, 0, NULL));
    ask(client, AFD_GET_ADDRESS, NULL, 0, &own, sizeof own, NULL);
    printf(" wait %lx", ask(server, AFD_WAIT_FOR_LISTEN, NULL, 0, &response, sizeof response, &done));
    printf(" %lu %ld %u %s", (ULONG)done, response.address.count, response.address.length,
           show(&response.address.address, &own.list.address));
    open_as(&peer, &older, sizeof older);
    accept.sequence = response.sequence;
    accept.handle = peer;
    printf(" accept %lx", ask(server, AFD_ACCEPT, &accept, sizeof accept, NULL, 0, NULL));
    transfer(client, AFD_SEND, 0, "o", 1, "k", 1, &done);
    printf(" receive %lx", transfer(peer, AFD_RECEIVE, 0x20, text, 2, text + 2, 1, &done));
    printf(" %s\n", text);
    other(client, peer);
    NtClose(peer);
    NtClose(client);
    NtClose(server);
}

int main(void)
{
    setvbuf(stdout, NULL, _IONBF, 0);
    streams();
    messages();
    waiting();
    under_way();
    transports();
    return 0;
}
