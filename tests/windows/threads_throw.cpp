// Exceptions of C++: thrown over functions with something to destroy, thrown again, in threads, over others' frames.

#include <cstdio>
#include <exception>
#include <new>
#include <stdexcept>
#include <string>
#include <windows.h>

struct Guard {
    const char *name;
    explicit Guard(const char *name) : name(name) {}
    ~Guard() { std::printf("%s is destroyed, %d under way\n", name, std::uncaught_exceptions()); }
};

struct Base {
    virtual ~Base() {}
    virtual const char *name() const { return "base"; }
};

struct Derived : Base {
    const char *name() const override { return "derived"; }
};

static void deep(int left)
{
    Guard guard("deep");
    if (left == 0)
        throw std::runtime_error("the bottom");
    deep(left - 1);
}

static int filtered(int what)
{
    try {
        Guard guard("filtered");
        if (what == 0)
            throw 1;
        if (what == 1)
            throw Derived();
        if (what == 2)
            throw std::string("text");
        throw 2.5;
    } catch (int number) {
        return number;
    } catch (const Base &base) {
        std::printf("%s\n", base.name());
        return 2;
    } catch (const std::string &text) {
        std::printf("%s\n", text.c_str());
        return 3;
    }
    return 4;
}

static DWORD WINAPI thread(void *)
{
    try {
        deep(1);
    } catch (const std::exception &error) {
        std::printf("a thread catches %s\n", error.what());
        return 8;
    }
    return 9;
}

static int CALLBACK compare(const void *, const void *)
{
    throw 77;
}

int main()
{
    try {
        Guard guard("outer");
        deep(2);
    } catch (const std::runtime_error &error) {
        std::printf("caught %s\n", error.what());
    }
    for (int what = 0; what < 3; what++)
        std::printf("%d\n", filtered(what));
    try {
        filtered(3);
    } catch (double number) {
        std::printf("%.1f\n", number);
    }
    try {
        try {
            throw 5;
        } catch (int number) {
            std::printf("inner %d\n", number);
            throw;
        }
    } catch (int number) {
        std::printf("again %d\n", number);
    }
    try {
        try {
            throw 1;
        } catch (int) {
            try {
                throw 2;
            } catch (int number) {
                std::printf("nested %d\n", number);
            }
            throw std::logic_error("another");
        }
    } catch (const std::logic_error &error) {
        std::printf("%s\n", error.what());
    }
    try {
        volatile std::size_t huge = ~std::size_t(0) / 2;
        ::operator new(huge);
    } catch (const std::bad_alloc &) {
        std::printf("no memory\n");
    }
    std::exception_ptr kept;
    try {
        throw std::out_of_range("kept");
    } catch (...) {
        kept = std::current_exception();
    }
    try {
        std::rethrow_exception(kept);
    } catch (const std::out_of_range &error) {
        std::printf("%s\n", error.what());
    }
    int numbers[3] = {3, 2, 1};
    try {
        (void)numbers;
        compare(nullptr, nullptr);
    } catch (int number) {
        std::printf("out of a callback: %d\n", number);
    }
    int sum = 0;
    for (int i = 0; i < 200; i++) {
        try {
            throw i;
        } catch (int number) {
            sum += number;
        }
    }
    std::printf("sum %d\n", sum);
    DWORD code = 0;
    HANDLE made = CreateThread(nullptr, 0, thread, nullptr, 0, nullptr);
    WaitForSingleObject(made, INFINITE);
    GetExitCodeThread(made, &code);
    std::printf("thread %lu\n", code);
    return 6;
}
