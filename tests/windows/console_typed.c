/* What is typed at a terminal: lines, keys, the end. */
#include <windows.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv) {
    setvbuf(stderr, NULL, _IONBF, 0);
    HANDLE in = GetStdHandle(STD_INPUT_HANDLE);
    char line[100];
    INPUT_RECORD r;
    DWORD n;
    /* From now on the terminal sends each key at once. */
    PeekConsoleInputW(in, &r, 1, &n);
    Sleep(500);
    printf("name? ");
    fflush(stdout);
    if (fgets(line, sizeof line, stdin)) fprintf(stderr, "line '%.*s'\n", (int)strcspn(line, "\n"), line);
    SetConsoleMode(in, 0);
    printf("keys: ");
    fflush(stdout);
    while (1) {
        DWORD woken = WaitForSingleObject(in, 20000);
        if (woken) {
            fprintf(stderr, "wait %lx\n", woken);
            break;
        }
        if (!ReadConsoleInputW(in, &r, 1, &n)) break;
        if (r.EventType != KEY_EVENT) continue;
        KEY_EVENT_RECORD *k = &r.Event.KeyEvent;
        fprintf(stderr, "%s %02x %04x %02lx\n", k->bKeyDown ? "down" : "up", k->wVirtualKeyCode, k->uChar.UnicodeChar, k->dwControlKeyState & 0x1f);
        if (k->uChar.UnicodeChar == 'q' && !k->bKeyDown) break;
    }
    /* Of Ctrl+Z Wine knows nothing. */
    if (argc == 1) return 7;
    SetConsoleMode(in, ENABLE_PROCESSED_INPUT | ENABLE_LINE_INPUT | ENABLE_ECHO_INPUT);
    printf("\nagain? ");
    fflush(stdout);
    fprintf(stderr, "end %d\n", fgets(line, sizeof line, stdin) == NULL);
    return 7;
}
