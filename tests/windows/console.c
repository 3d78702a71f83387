/* The console: modes, code pages, screen buffers and their cells, input. What it finds goes to standard error, which is no
   console. */
#include <windows.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static HANDLE in, out;

static void say(const char *form, ...) {
    va_list list;
    va_start(list, form);
    vfprintf(stderr, form, list);
    va_end(list);
    fputc('\n', stderr);
}

static DWORD failed(BOOL done) { return done ? 0 : GetLastError(); }

static COORD at(int x, int y) { COORD c = {x, y}; return c; }

static void where(const char *what) {
    CONSOLE_SCREEN_BUFFER_INFO i;
    GetConsoleScreenBufferInfo(out, &i);
    say("%s: cursor %d,%d colours %x", what, i.dwCursorPosition.X, i.dwCursorPosition.Y, i.wAttributes);
}

static void row(int y, int len) {
    WCHAR text[100];
    WORD colours[100];
    DWORD n = 0, m = 0;
    ReadConsoleOutputCharacterW(out, text, len, at(0, y), &n);
    ReadConsoleOutputAttribute(out, colours, len, at(0, y), &m);
    fprintf(stderr, "%lu '", n);
    for (DWORD k = 0; k < n; k++) fprintf(stderr, text[k] > 32 && text[k] < 127 ? "%c" : text[k] == 32 ? " " : "\\%x", text[k]);
    fprintf(stderr, "' %lu", m);
    for (DWORD k = 0; k < m; k++) if (!k || colours[k] != colours[k - 1]) fprintf(stderr, " %lu:%x", k, colours[k]);
    say("");
}

static void modes(void) {
    DWORD m = 0;
    DWORD error = failed(GetConsoleMode(in, &m));
    say("input mode %lu %lx", error, m);
    say("set %lu", failed(SetConsoleMode(in, ENABLE_PROCESSED_INPUT)));
    GetConsoleMode(in, &m);
    say("now %lx", m);
    SetConsoleMode(in, ENABLE_PROCESSED_INPUT | ENABLE_LINE_INPUT | ENABLE_ECHO_INPUT | ENABLE_EXTENDED_FLAGS);
    error = failed(GetConsoleMode(out, &m));
    say("output mode %lu %lx", error, m);
    say("of a file %lu", failed(GetConsoleMode(GetStdHandle(STD_ERROR_HANDLE), &m)));
    say("type %lu", GetFileType(out));
    say("pages %u %u", GetConsoleCP(), GetConsoleOutputCP());
    say("page 1 %lu", failed(SetConsoleOutputCP(1)));
    error = failed(SetConsoleOutputCP(65001));
    say("page 65001 %lu %u", error, GetConsoleOutputCP());
}

static void title(void) {
    char text[40];
    WCHAR wide[40];
    say("title %lu", failed(SetConsoleTitleA("a title")));
    DWORD n = GetConsoleTitleA(text, sizeof text);
    say("%lu %s", n, text);
    SetConsoleTitleW(L"");
    SetLastError(0);
    n = GetConsoleTitleW(wide, 40);
    say("empty %lu %lu", n, GetLastError());
}

static void cells(void) {
    DWORD n;
    CONSOLE_SCREEN_BUFFER_INFO i;
    say("info %lu", failed(GetConsoleScreenBufferInfo(out, &i)));
    say("size %d,%d window %d,%d to %d,%d", i.dwSize.X, i.dwSize.Y, i.srWindow.Left, i.srWindow.Top, i.srWindow.Right, i.srWindow.Bottom);
    SetConsoleCursorPosition(out, at(0, 0));
    say("write %lu", failed(WriteConsoleA(out, "ab\tc\r\nx\bYz\n\xe2\x82\xac.", 14, &n, NULL)));
    say("%lu", n);
    where("written");
    row(0, 10);
    row(1, 4);
    row(2, 4);
    say("colour %lu", failed(SetConsoleTextAttribute(out, FOREGROUND_RED | BACKGROUND_BLUE)));
    WriteConsoleW(out, L"red", 3, &n, NULL);
    row(2, 8);
    SetConsoleTextAttribute(out, 7);
    say("fill %lu", failed(FillConsoleOutputCharacterA(out, '#', 5, at(2, 3), &n)));
    say("%lu", n);
    FillConsoleOutputAttribute(out, 0x1e, 3, at(3, 3), &n);
    row(3, 9);
    say("fill to the end %d", FillConsoleOutputCharacterA(out, ' ', 100, at(i.dwSize.X - 10, i.dwSize.Y - 1), &n));
    say("%lu", n);
    say("write characters %d", WriteConsoleOutputCharacterA(out, "over", 4, at(4, 3), &n));
    say("%lu", n);
    WORD colours[2] = {0x2f, 0x3f};
    WriteConsoleOutputAttribute(out, colours, 2, at(0, 3), &n);
    row(3, 9);
    CHAR_INFO block[6];
    for (int k = 0; k < 6; k++) {
        block[k].Char.UnicodeChar = 'A' + k;
        block[k].Attributes = 0x10 + k;
    }
    SMALL_RECT r = {1, 4, 3, 5};
    say("block %d", WriteConsoleOutputW(out, block, at(3, 2), at(0, 0), &r));
    say("%d,%d to %d,%d", r.Left, r.Top, r.Right, r.Bottom);
    row(4, 5);
    row(5, 5);
    memset(block, 0, sizeof block);
    SMALL_RECT q = {2, 4, 3, 5};
    say("read %d", ReadConsoleOutputW(out, block, at(3, 2), at(1, 0), &q));
    say("%d,%d to %d,%d: %c%c %c%c", q.Left, q.Top, q.Right, q.Bottom, block[1].Char.UnicodeChar, block[2].Char.UnicodeChar, block[4].Char.UnicodeChar, block[5].Char.UnicodeChar);
    CHAR_INFO fill = {{'.'}, 7};
    SMALL_RECT all = {0, 3, 9, 5};
    say("scroll %lu", failed(ScrollConsoleScreenBufferA(out, &all, NULL, at(0, 4), &fill)));
    row(3, 12);
    row(4, 12);
    row(5, 12);
    say("cursor outside %lu", failed(SetConsoleCursorPosition(out, at(i.dwSize.X, 0))));
    CONSOLE_CURSOR_INFO c;
    say("cursor %lu", failed(GetConsoleCursorInfo(out, &c)));
    say("%lu %d", c.dwSize, c.bVisible);
    c.dwSize = 101;
    say("too large %lu", failed(SetConsoleCursorInfo(out, &c)));
    c.dwSize = 50;
    c.bVisible = FALSE;
    SetConsoleCursorInfo(out, &c);
    GetConsoleCursorInfo(out, &c);
    say("%lu %d", c.dwSize, c.bVisible);
    c.bVisible = TRUE;
    SetConsoleCursorInfo(out, &c);
    say("smaller than the window %lu", failed(SetConsoleScreenBufferSize(out, at(i.dwSize.X - 1, i.dwSize.Y))));
    say("larger %lu", failed(SetConsoleScreenBufferSize(out, at(100, 50))));
    GetConsoleScreenBufferInfo(out, &i);
    say("size %d,%d", i.dwSize.X, i.dwSize.Y);
    row(4, 5);
    SMALL_RECT w = {0, 10, 79, 34};
    say("window %lu", failed(SetConsoleWindowInfo(out, TRUE, &w)));
    w.Bottom = 50;
    say("outside %lu", failed(SetConsoleWindowInfo(out, TRUE, &w)));
}

static void buffers(void) {
    DWORD n;
    HANDLE first = out;
    HANDLE other = CreateConsoleScreenBuffer(GENERIC_READ | GENERIC_WRITE, 0, NULL, CONSOLE_TEXTMODE_BUFFER, NULL);
    say("another %d", other != INVALID_HANDLE_VALUE);
    out = other;
    where("other");
    say("seen %lu", failed(SetConsoleActiveScreenBuffer(other)));
    WriteConsoleA(other, "second", 6, &n, NULL);
    row(0, 8);
    say("first again %lu", failed(SetConsoleActiveScreenBuffer(first)));
    out = first;
    row(0, 8);
    CloseHandle(other);
    HANDLE reads = CreateFileA("CONOUT$", GENERIC_READ, 3, NULL, OPEN_EXISTING, 0, NULL);
    DWORD error = failed(WriteConsoleA(reads, "x", 1, &n, NULL));
    say("to read %d, write %lu", reads != INVALID_HANDLE_VALUE, error);
}

static void key(INPUT_RECORD *r, int unit, int code, int state) {
    memset(r, 0, sizeof *r);
    r->EventType = KEY_EVENT;
    r->Event.KeyEvent.bKeyDown = TRUE;
    r->Event.KeyEvent.wRepeatCount = 1;
    r->Event.KeyEvent.uChar.UnicodeChar = unit;
    r->Event.KeyEvent.wVirtualKeyCode = code;
    r->Event.KeyEvent.dwControlKeyState = state;
}

static void press(const char *text) {
    INPUT_RECORD r[40];
    DWORD n, len = strlen(text);
    for (DWORD k = 0; k < len; k++) {
        switch (text[k]) {
        case '\r': key(&r[k], 13, VK_RETURN, 0); break;
        case '\b': key(&r[k], 8, VK_BACK, 0); break;
        case '<': key(&r[k], 0, VK_LEFT, ENHANCED_KEY); break;
        case '^': key(&r[k], 0, VK_HOME, ENHANCED_KEY); break;
        case '|': key(&r[k], 0, VK_UP, ENHANCED_KEY); break;
        default: key(&r[k], text[k], 0, 0);
        }
    }
    WriteConsoleInputW(in, r, len, &n);
}

static void input(void) {
    INPUT_RECORD r[8];
    DWORD n = 0;
    WCHAR text[40];
    char bytes[40];
    say("nothing %lx", WaitForSingleObject(in, 0));
    press("abc");
    say("something %lx", WaitForSingleObject(in, 0));
    GetNumberOfConsoleInputEvents(in, &n);
    say("%lu", n);
    say("peek %lu", failed(PeekConsoleInputW(in, r, 2, &n)));
    say("%lu %c%c", n, r[0].Event.KeyEvent.uChar.UnicodeChar, r[1].Event.KeyEvent.uChar.UnicodeChar);
    say("read %lu", failed(ReadConsoleInputW(in, r, 8, &n)));
    say("%lu %c", n, r[2].Event.KeyEvent.uChar.UnicodeChar);
    press("zzz");
    say("flush %lu", failed(FlushConsoleInputBuffer(in)));
    say("nothing %lx", WaitForSingleObject(in, 0));
    SetConsoleCursorPosition(out, at(0, 20));
    press("ab\bc\r");
    say("line %lu", failed(ReadConsoleW(in, text, 40, &n, NULL)));
    say("%lu %x %x %x %x", n, text[0], text[1], text[2], text[3]);
    where("after it");
    row(20, 4);
    press("bd<c^a\r");
    say("edited %lu", failed(ReadFile(in, bytes, 40, &n, NULL)));
    bytes[n] = 0;
    say("%lu %.2s", n, bytes);
    row(21, 6);
    press("||\r");
    ReadConsoleA(in, bytes, 3, &n, NULL);
    say("part %lu %.2s %x", n, bytes, bytes[2]);
    ReadConsoleA(in, bytes, 40, &n, NULL);
    say("rest %lu %x", n, bytes[0]);
    SetConsoleMode(in, 0);
    press("q");
    say("character %lu", failed(ReadConsoleA(in, bytes, 40, &n, NULL)));
    say("%lu %c", n, bytes[0]);
}

int main(void) {
    setvbuf(stderr, NULL, _IONBF, 0);
    in = CreateFileA("CONIN$", GENERIC_READ | GENERIC_WRITE, 3, NULL, OPEN_EXISTING, 0, NULL);
    out = CreateFileA("CONOUT$", GENERIC_READ | GENERIC_WRITE, 3, NULL, OPEN_EXISTING, 0, NULL);
    say("%d %d", in != INVALID_HANDLE_VALUE, out != INVALID_HANDLE_VALUE);
    modes();
    title();
    cells();
    buffers();
    input();
    return 0;
}
