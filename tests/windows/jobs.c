// Jobs, and the list of processes.
#include <stdio.h>
#include <string.h>
#include <windows.h>
#include <tlhelp32.h>

static PROCESS_INFORMATION start(void)
{
    STARTUPINFOA info = {sizeof info};
    PROCESS_INFORMATION process = {0};
    char self[400], line[500];
    GetModuleFileNameA(NULL, self, sizeof self);
    snprintf(line, sizeof line, "\"%s\" child", self);
    if (!CreateProcessA(self, line, NULL, NULL, FALSE, 0, NULL, NULL, &info, &process)) printf("not made\n");
    return process;
}

int main(int count, char **words)
{
    BOOL in;
    DWORD code;
    if (count > 1) Sleep(INFINITE);
    HANDLE job = CreateJobObjectA(NULL, NULL);
    PROCESS_INFORMATION one = start(), two = start();
    IsProcessInJob(one.hProcess, job, &in);
    printf("in %d\n", in);
    printf("assigned %d\n", AssignProcessToJobObject(job, one.hProcess));
    IsProcessInJob(one.hProcess, job, &in);
    printf("in %d\n", in);
    IsProcessInJob(two.hProcess, job, &in);
    printf("in %d\n", in);
    JOBOBJECT_BASIC_ACCOUNTING_INFORMATION counts = {0};
    printf("asked %d\n", QueryInformationJobObject(job, JobObjectBasicAccountingInformation, &counts, sizeof counts, NULL));
    printf("%lu of %lu\n", counts.ActiveProcesses, counts.TotalProcesses);
    printf("ended %d\n", TerminateJobObject(job, 5));
    WaitForSingleObject(one.hProcess, 20000);
    GetExitCodeProcess(one.hProcess, &code);
    printf("with %lu\n", code);
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {0};
    HANDLE closing = CreateJobObjectA(NULL, NULL);
    limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
    printf("set %d\n", SetInformationJobObject(closing, JobObjectExtendedLimitInformation, &limits, sizeof limits));
    AssignProcessToJobObject(closing, two.hProcess);

    HANDLE list = CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0);
    PROCESSENTRY32 entry = {sizeof entry};
    int found = 0, own = 0;
    for (in = Process32First(list, &entry); in; in = Process32Next(list, &entry)) {
        if (strcmp(entry.szExeFile, "jobs.exe")) continue;
        if (entry.th32ProcessID == two.dwProcessId) found += entry.th32ParentProcessID == GetCurrentProcessId();
        if (entry.th32ProcessID == GetCurrentProcessId()) own++;
    }
    printf("listed %d, %d\n", found, own);
    CloseHandle(closing);
    printf("closed: %lu\n", WaitForSingleObject(two.hProcess, 20000));
    return 0;
}
