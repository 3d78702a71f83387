/* Sockets on the loopback interface: streams in two threads, messages, waiting with a limit, refusals, events and names. */
#include <winsock2.h>
#include <ws2tcpip.h>
#include <stdio.h>
#include <string.h>

static u_short port;

static DWORD WINAPI client(void *argument)
{
    SOCKET s = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in to = {AF_INET, htons(port), {{{127, 0, 0, 1}}}};
    char text[32] = "";
    int count;

    (void)argument;
    if (connect(s, (struct sockaddr *)&to, sizeof to))
        return WSAGetLastError();
    send(s, "hello", 5, 0);
    shutdown(s, SD_SEND);
    count = recv(s, text, sizeof text, 0);
    closesocket(s);
    return count == 5 && !memcmp(text, "HELLO", 5) ? 0 : 1;
}

static SOCKET listening(void)
{
    struct sockaddr_in at = {AF_INET, 0, {{{127, 0, 0, 1}}}};
    int length = sizeof at;
    SOCKET s = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);

    if (bind(s, (struct sockaddr *)&at, sizeof at) || listen(s, 4))
        printf("not listening: %d\n", WSAGetLastError());
    getsockname(s, (struct sockaddr *)&at, &length);
    port = ntohs(at.sin_port);
    printf("listening: %s, %d, port %d\n", inet_ntoa(at.sin_addr), length, port != 0);
    return s;
}

static void streams(void)
{
    SOCKET server = listening(), s;
    HANDLE thread = CreateThread(NULL, 0, client, NULL, 0, NULL);
    struct sockaddr_in from;
    int length = sizeof from, count, index;
    char text[32];
    DWORD code;

    s = accept(server, (struct sockaddr *)&from, &length);
    printf("accepted: %s, %d\n", inet_ntoa(from.sin_addr), length);
    count = recv(s, text, sizeof text, 0);
    printf("received %d\n", count);
    for (index = 0; index < count; index++)
        text[index] -= 32;
    printf("end %d\n", recv(s, text + 8, 4, 0));
    printf("sent %d\n", send(s, text, count, 0));
    WaitForSingleObject(thread, INFINITE);
    GetExitCodeThread(thread, &code);
    printf("client %lu\n", code);
    closesocket(s);
    closesocket(server);
}

static void messages(void)
{
    SOCKET a = socket(AF_INET, SOCK_DGRAM, 0), b = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in at = {AF_INET, 0, {{{127, 0, 0, 1}}}}, from;
    int length = sizeof at, count;
    char text[16] = "";
    fd_set set;
    struct timeval time = {0, 10000};

    bind(a, (struct sockaddr *)&at, sizeof at);
    getsockname(a, (struct sockaddr *)&at, &length);
    FD_ZERO(&set);
    FD_SET(a, &set);
    printf("nothing: %d\n", select(0, &set, NULL, NULL, &time));
    printf("sent %d\n", sendto(b, "abcdefgh", 8, 0, (struct sockaddr *)&at, sizeof at));
    FD_SET(a, &set);
    count = select(0, &set, NULL, NULL, &time);
    printf("something: %d %d\n", count, FD_ISSET(a, &set) != 0);
    count = recvfrom(a, text, 4, MSG_PEEK, (struct sockaddr *)&from, &length);
    printf("peeked %d: %d\n", count, WSAGetLastError());
    count = recvfrom(a, text, sizeof text, 0, (struct sockaddr *)&from, &length);
    printf("received %d: %s from %s\n", count, text, inet_ntoa(from.sin_addr));
    sendto(a, "back", 4, 0, (struct sockaddr *)&from, sizeof from);
    count = recv(b, text, sizeof text, 0);
    printf("back %d\n", count);
    closesocket(a);
    closesocket(b);
}

static void refusals(void)
{
    SOCKET server = listening(), s = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in to = {AF_INET, htons(port), {{{127, 0, 0, 1}}}};
    u_long one = 1;
    int error = 0, length = sizeof error, count;
    fd_set writes, failures;
    struct timeval time = {2, 0};
    char text[4];

    closesocket(server);
    printf("refused: %d", connect(s, (struct sockaddr *)&to, sizeof to));
    printf(" %d\n", WSAGetLastError());
    closesocket(s);
    s = socket(AF_INET, SOCK_STREAM, 0);
    ioctlsocket(s, FIONBIO, &one);
    printf("begun: %d", connect(s, (struct sockaddr *)&to, sizeof to));
    printf(" %d\n", WSAGetLastError());
    FD_ZERO(&writes);
    FD_ZERO(&failures);
    FD_SET(s, &writes);
    FD_SET(s, &failures);
    count = select(0, NULL, &writes, &failures, &time);
    printf("told: %d %d %d\n", count, FD_ISSET(s, &writes) != 0, FD_ISSET(s, &failures) != 0);
    getsockopt(s, SOL_SOCKET, SO_ERROR, (char *)&error, &length);
    printf("error %d\n", error);
    closesocket(s);
    s = socket(AF_INET, SOCK_STREAM, 0);
    printf("not connected: %d", recv(s, text, 4, 0));
    printf(" %d\n", WSAGetLastError());
    printf("no listener: %d", listen(s, 1));
    printf(" %d\n", WSAGetLastError());
    closesocket(s);
    printf("closed: %d", closesocket(s));
    printf(" %d\n", WSAGetLastError());
}

static void options(void)
{
    SOCKET s = socket(AF_INET, SOCK_STREAM, 0);
    int value = 1, length = sizeof value;
    struct linger linger = {1, 5};

    setsockopt(s, IPPROTO_TCP, TCP_NODELAY, (char *)&value, sizeof value);
    setsockopt(s, SOL_SOCKET, SO_REUSEADDR, (char *)&value, sizeof value);
    setsockopt(s, SOL_SOCKET, SO_LINGER, (char *)&linger, sizeof linger);
    value = 250;
    setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, (char *)&value, sizeof value);
    value = 0;
    getsockopt(s, SOL_SOCKET, SO_REUSEADDR, (char *)&value, &length);
    printf("reuse %d", value);
    length = sizeof value;
    getsockopt(s, SOL_SOCKET, SO_RCVTIMEO, (char *)&value, &length);
    printf(", time %d", value);
    length = sizeof value;
    getsockopt(s, SOL_SOCKET, SO_TYPE, (char *)&value, &length);
    printf(", type %d", value);
    length = sizeof linger;
    getsockopt(s, SOL_SOCKET, SO_LINGER, (char *)&linger, &length);
    printf(", linger %d %d\n", linger.l_onoff, linger.l_linger);
    closesocket(s);
}

static void events(void)
{
    SOCKET server = listening(), s = socket(AF_INET, SOCK_STREAM, 0), peer;
    struct sockaddr_in to = {AF_INET, htons(port), {{{127, 0, 0, 1}}}};
    WSAEVENT event = WSACreateEvent(), other = WSACreateEvent();
    WSANETWORKEVENTS news;
    char text[8];

    WSAEventSelect(server, event, FD_ACCEPT);
    printf("early %lu\n", WSAWaitForMultipleEvents(1, &event, FALSE, 10, FALSE));
    connect(s, (struct sockaddr *)&to, sizeof to);
    printf("event %lu\n", WSAWaitForMultipleEvents(1, &event, FALSE, 2000, FALSE));
    WSAEnumNetworkEvents(server, event, &news);
    printf("accept %ld %d\n", news.lNetworkEvents, news.iErrorCode[FD_ACCEPT_BIT]);
    peer = accept(server, NULL, NULL);
    WSAEventSelect(peer, other, FD_READ | FD_CLOSE);
    send(s, "x", 1, 0);
    printf("event %lu\n", WSAWaitForMultipleEvents(1, &other, FALSE, 2000, FALSE));
    WSAEnumNetworkEvents(peer, other, &news);
    printf("read %ld\n", news.lNetworkEvents);
    printf("received %d\n", recv(peer, text, sizeof text, 0));
    printf("empty %d", recv(peer, text, sizeof text, 0));
    printf(" %d\n", WSAGetLastError());
    closesocket(s);
    printf("event %lu\n", WSAWaitForMultipleEvents(1, &other, FALSE, 2000, FALSE));
    WSAEnumNetworkEvents(peer, other, &news);
    printf("close %ld\n", news.lNetworkEvents);
    closesocket(peer);
    closesocket(server);
}

static void overlapped(void)
{
    SOCKET server = listening(), s = socket(AF_INET, SOCK_STREAM, 0), peer;
    struct sockaddr_in to = {AF_INET, htons(port), {{{127, 0, 0, 1}}}};
    WSAOVERLAPPED over = {0};
    char text[8] = "";
    WSABUF buffer = {sizeof text, text};
    DWORD flags = 0, count = 0;
    int result;

    connect(s, (struct sockaddr *)&to, sizeof to);
    peer = accept(server, NULL, NULL);
    over.hEvent = WSACreateEvent();
    result = WSARecv(peer, &buffer, 1, NULL, &flags, &over, NULL);
    printf("begun %d %d\n", result, WSAGetLastError());
    printf("early %lu\n", WaitForSingleObject(over.hEvent, 0));
    send(s, "later", 5, 0);
    printf("event %lu\n", WaitForSingleObject(over.hEvent, 2000));
    result = WSAGetOverlappedResult(peer, &over, &count, FALSE, &flags);
    printf("done %d %lu %s\n", result, count, text);
    closesocket(peer);
    closesocket(s);
    closesocket(server);
}

static void names(void)
{
    struct addrinfo hints = {0}, *found = NULL;
    struct hostent *host;
    char name[256] = "", service[32] = "";
    int result;

    hints.ai_family = AF_INET;
    hints.ai_socktype = SOCK_STREAM;
    result = getaddrinfo("localhost", "80", &hints, &found);
    printf("localhost %d", result);
    if (found)
        printf(": %s, port %d, %d\n", inet_ntoa(((struct sockaddr_in *)found->ai_addr)->sin_addr),
               ntohs(((struct sockaddr_in *)found->ai_addr)->sin_port), (int)found->ai_addrlen);
    if (found) {
        result = getnameinfo(found->ai_addr, (int)found->ai_addrlen, name, sizeof name, service,
                             sizeof service, NI_NUMERICHOST | NI_NUMERICSERV);
        printf("back %d: %s %s\n", result, name, service);
        freeaddrinfo(found);
    }
    hints.ai_flags = AI_NUMERICHOST;
    printf("no number: %d\n", getaddrinfo("nobody.invalid", NULL, &hints, &found) != 0);
    host = gethostbyname("localhost");
    printf("host: %s\n", host ? inet_ntoa(*(struct in_addr *)host->h_addr_list[0]) : "none");
    result = gethostname(name, sizeof name);
    printf("own name: %d %d\n", result, name[0] != 0);
}

int main(void)
{
    WSADATA data;

    setvbuf(stdout, NULL, _IONBF, 0);
    printf("start %d\n", WSAStartup(MAKEWORD(2, 2), &data));
    streams();
    messages();
    refusals();
    options();
    events();
    overlapped();
    names();
    WSACleanup();
    return 0;
}
