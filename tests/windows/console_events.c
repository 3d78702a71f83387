/* Ctrl+C and Ctrl+Break, and which processes have which console. */
#include <windows.h>
#include <stdio.h>
#include <string.h>

static HANDLE told;

static BOOL WINAPI handler(DWORD event) {
    fprintf(stderr, "handler %lu\n", event);
    SetEvent(told);
    return TRUE;
}

static HANDLE output(void) {
    return CreateFileA("CONOUT$", GENERIC_READ | GENERIC_WRITE, 3, NULL, OPEN_EXISTING, 0, NULL);
}

static int child(const char *how) {
    DWORD n, m, list[8];
    HANDLE out = output();
    if (!strcmp(how, "ends")) {
        GenerateConsoleCtrlEvent(CTRL_C_EVENT, 0);
        Sleep(20000);
        return 1;
    }
    if (!strcmp(how, "listens")) {
        told = CreateEventA(NULL, FALSE, FALSE, NULL);
        SetConsoleCtrlHandler(handler, TRUE);
        SetEvent(OpenEventA(EVENT_ALL_ACCESS, FALSE, "ready"));
        return WaitForSingleObject(told, 20000);
    }
    fprintf(stderr, "child: console %d", GetConsoleMode(out, &m) != 0);
    WriteConsoleA(out, "from the child\r\n", 16, &n, NULL);
    n = GetConsoleProcessList(list, 8);
    fprintf(stderr, " processes %lu", n);
    n = GetConsoleProcessList(list, 1);
    fprintf(stderr, " %lu\n", n);
    return 3;
}

static HANDLE ready;

static void start(const char *how, DWORD flags) {
    STARTUPINFOA si = {sizeof si};
    PROCESS_INFORMATION pi;
    char self[MAX_PATH], command[400];
    DWORD status = 0;
    GetModuleFileNameA(NULL, self, MAX_PATH);
    sprintf(command, "\"%s\" %s", self, how);
    BOOL made = CreateProcessA(NULL, command, NULL, NULL, TRUE, flags, NULL, NULL, &si, &pi);
    if (ready) {
        WaitForSingleObject(ready, 20000);
        SetConsoleCtrlHandler(NULL, TRUE);
        GenerateConsoleCtrlEvent(CTRL_C_EVENT, 0);
    }
    WaitForSingleObject(pi.hProcess, INFINITE);
    GetExitCodeProcess(pi.hProcess, &status);
    fprintf(stderr, "%s %lx: %d %lx\n", how, flags, made, status);
}

static void generate(DWORD event, DWORD time) {
    BOOL sent = GenerateConsoleCtrlEvent(event, 0);
    DWORD woken = WaitForSingleObject(told, time);
    fprintf(stderr, "send %d wait %lx\n", sent, woken);
}

int main(int argc, char **argv) {
    setvbuf(stderr, NULL, _IONBF, 0);
    if (argc > 1 && strcmp(argv[1], "more")) return child(argv[1]);
    told = CreateEventA(NULL, FALSE, FALSE, NULL);
    fprintf(stderr, "set %d\n", SetConsoleCtrlHandler(handler, TRUE));
    generate(CTRL_C_EVENT, 20000);
    SetConsoleCtrlHandler(NULL, TRUE);
    generate(CTRL_C_EVENT, 300);
    SetConsoleCtrlHandler(NULL, FALSE);
    fprintf(stderr, "removed %d\n", SetConsoleCtrlHandler(handler, FALSE));
    SetLastError(0);
    fprintf(stderr, "again %d", SetConsoleCtrlHandler(handler, FALSE));
    fprintf(stderr, " %lu\n", GetLastError());
    ready = CreateEventA(NULL, FALSE, FALSE, "ready");
    start("listens", 0);
    ready = NULL;
    SetConsoleCtrlHandler(NULL, FALSE);
    start("shares", 0);
    start("none", DETACHED_PROCESS);
    fprintf(stderr, "alloc %d", AllocConsole());
    fprintf(stderr, " %lu\n", GetLastError());
    fprintf(stderr, "free %d\n", FreeConsole());
    fprintf(stderr, "none %d", output() != INVALID_HANDLE_VALUE);
    fprintf(stderr, " %lu\n", GetLastError());
    if (argc == 1) return 0;
    /* What Wine can't do without a desktop, or at all. */
    DWORD n, m;
    char text[7] = {0};
    COORD first = {0, 0};
    fprintf(stderr, "alloc %d\n", AllocConsole());
    HANDLE out = output();
    BOOL known = GetConsoleMode(out, &m);
    fprintf(stderr, "mode %d %lx\n", known, m);
    WriteConsoleA(out, "hidden\r\n", 8, &n, NULL);
    ReadConsoleOutputCharacterA(out, text, 6, first, &n);
    fprintf(stderr, "%lu %s\n", n, text);
    SetConsoleCtrlHandler(handler, TRUE);
    generate(CTRL_BREAK_EVENT, 20000);
    SetConsoleCtrlHandler(handler, FALSE);
    start("ends", CREATE_NEW_CONSOLE);
    return 0;
}
