// Processes: made, waited for, looked into, ended.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

static char self[400];
static volatile int cell = 41;

static PROCESS_INFORMATION start(const char *what, DWORD flags, char *environment, HANDLE out)
{
    STARTUPINFOA info = {sizeof info};
    PROCESS_INFORMATION process = {0};
    char line[800];
    if (out) {
        info.dwFlags = STARTF_USESTDHANDLES;
        info.hStdInput = GetStdHandle(STD_INPUT_HANDLE);
        info.hStdOutput = out;
        info.hStdError = out;
    }
    snprintf(line, sizeof line, "\"%s\" %s", self, what);
    fflush(stdout);
    if (!CreateProcessA(self, line, NULL, NULL, TRUE, flags, environment, NULL, &info, &process))
        printf("not made: %lu\n", GetLastError());
    return process;
}

static DWORD end(PROCESS_INFORMATION process)
{
    DWORD code = 0;
    if (WaitForSingleObject(process.hProcess, 20000)) printf("still there\n");
    if (WaitForSingleObject(process.hThread, 20000)) printf("thread still there\n");
    GetExitCodeProcess(process.hProcess, &code);
    CloseHandle(process.hThread);
    CloseHandle(process.hProcess);
    return code;
}

static int child(int count, char **words)
{
    if (!strcmp(words[1], "say")) {
        printf("child says %s, %d words, OWN=%s\n", words[2], count, getenv("OWN") ? getenv("OWN") : "none");
        return 7;
    }
    if (!strcmp(words[1], "sleep")) Sleep(INFINITE);
    if (!strcmp(words[1], "cell")) return cell;
    if (!strcmp(words[1], "set")) {
        SetEvent((HANDLE)(UINT_PTR)strtoull(words[2], NULL, 16));
        return 3;
    }
    return 1;
}

int main(int count, char **words)
{
    PROCESS_INFORMATION process;
    HANDLE in, out, event;
    char text[200], line[40];
    DWORD code;
    SIZE_T moved;
    int value;
    GetModuleFileNameA(NULL, self, sizeof self);
    if (count > 1) return child(count, words);

    printf("ended with %lu\n", end(start("say \"a b\"", 0, NULL, NULL)));
    printf("ended with %lu\n", end(start("say c", 0, "OWN=x\0SystemRoot=C:\\windows\0", NULL)));

    // Its output comes through a pipe.
    SECURITY_ATTRIBUTES inherit = {sizeof inherit, NULL, TRUE};
    CreatePipe(&in, &out, &inherit, 0);
    SetHandleInformation(in, HANDLE_FLAG_INHERIT, 0);
    process = start("say piped", 0, NULL, out);
    CloseHandle(out);
    code = 0;
    while (ReadFile(in, text + code, sizeof text - 1 - code, &value, NULL) && value) code += value;
    printf("error %lu\n", GetLastError());
    text[code] = 0;
    printf("read: %s", text);
    printf("ended with %lu\n", end(process));
    CloseHandle(in);

    // An event of its parent's.
    event = CreateEventA(&inherit, TRUE, FALSE, NULL);
    snprintf(line, sizeof line, "set %llx", (unsigned long long)(UINT_PTR)event);
    process = start(line, 0, NULL, NULL);
    printf("event %lu, ended with %lu\n", WaitForSingleObject(event, 20000), end(process));

    // Its memory is read and written before it runs.
    process = start("cell", CREATE_SUSPENDED, NULL, NULL);
    value = 0;
    if (!ReadProcessMemory(process.hProcess, (void *)&cell, &value, sizeof value, &moved)) printf("not read\n");
    printf("cell %d\n", value);
    value = 42;
    if (!WriteProcessMemory(process.hProcess, (void *)&cell, &value, sizeof value, &moved)) printf("not written\n");
    printf("waits: %lu\n", WaitForSingleObject(process.hProcess, 10));
    printf("resumed %lu\n", ResumeThread(process.hThread));
    printf("ended with %lu, own cell %d\n", end(process), cell);

    // One that does not end by itself.
    process = start("sleep", 0, NULL, NULL);
    GetExitCodeProcess(process.hProcess, &code);
    printf("runs: %d\n", code == STILL_ACTIVE);
    printf("id: %d\n", GetProcessId(process.hProcess) == process.dwProcessId);
    HANDLE other = OpenProcess(PROCESS_ALL_ACCESS, FALSE, process.dwProcessId);
    printf("opened: %d\n", other != NULL);
    printf("terminated: %d\n", TerminateProcess(other, 9));
    printf("ended with %lu\n", end(process));

    STARTUPINFOA info = {sizeof info};
    if (!CreateProcessA("C:\\none.exe", NULL, NULL, NULL, FALSE, 0, NULL, NULL, &info, &process))
        printf("not made: %lu\n", GetLastError());
    return 0;
}
