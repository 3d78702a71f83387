// What a Go program wants of a kernel: threads of its own making, timers, signals, sockets that never wait, children.
package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

func must(err error) {
	if err != nil {
		fmt.Println("failed:", err)
		os.Exit(1)
	}
}

// Primes by a chain of filters, one goroutine each.
func primes(count int) []int {
	numbers := make(chan int)
	go func(to chan<- int) {
		for i := 2; ; i++ {
			to <- i
		}
	}(numbers)
	var found []int
	for len(found) < count {
		prime := <-numbers
		found = append(found, prime)
		next := make(chan int)
		go func(from <-chan int, to chan<- int) {
			for number := range from {
				if number%prime != 0 {
					to <- number
				}
			}
		}(numbers, next)
		numbers = next
	}
	return found
}

func counters() int64 {
	var total int64
	var lock sync.Mutex
	sum := 0
	var all sync.WaitGroup
	for i := 0; i < 50; i++ {
		all.Add(1)
		go func() {
			defer all.Done()
			runtime.LockOSThread()
			for j := 0; j < 200; j++ {
				atomic.AddInt64(&total, 1)
				lock.Lock()
				sum++
				lock.Unlock()
				if j%50 == 0 {
					runtime.Gosched()
				}
			}
		}()
	}
	all.Wait()
	return total + int64(sum)
}

func echo() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				lines := bufio.NewScanner(conn)
				for lines.Scan() {
					fmt.Fprintln(conn, strings.ToUpper(lines.Text()))
				}
			}()
		}
	}()
	var all sync.WaitGroup
	answers := make([]string, 8)
	for i := range answers {
		all.Add(1)
		go func(i int) {
			defer all.Done()
			conn, err := net.Dial("tcp", listener.Addr().String())
			must(err)
			defer conn.Close()
			fmt.Fprintf(conn, "client %d\n", i)
			answer, err := bufio.NewReader(conn).ReadString('\n')
			must(err)
			answers[i] = strings.TrimSpace(answer)
		}(i)
	}
	all.Wait()
	listener.Close()
	fmt.Println(strings.Join(answers, ", "))

	silent, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	conn, err := net.Dial("tcp", silent.Addr().String())
	must(err)
	conn.SetReadDeadline(time.Now().Add(30 * time.Millisecond))
	_, err = conn.Read(make([]byte, 1))
	fmt.Println("deadline:", os.IsTimeout(err))
	silent.Close()
	_, err = net.Dial("tcp", silent.Addr().String())
	fmt.Println("refused:", strings.Contains(err.Error(), "connection refused"))
}

func children() {
	self, err := os.Executable()
	must(err)
	command := exec.Command(self, "child", "some", "words")
	command.Stdin = strings.NewReader("its input")
	out, err := command.Output()
	must(err)
	fmt.Printf("%s\n", out)
	err = exec.Command(self, "status").Run()
	fmt.Println(err)
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	fmt.Println(exec.CommandContext(ctx, self, "sleep").Run())
	_, err = exec.LookPath("no such program")
	fmt.Println(err != nil)
}

func signals() {
	caught := make(chan os.Signal, 4)
	signal.Notify(caught, syscall.SIGUSR1, syscall.SIGTERM)
	for _, number := range []syscall.Signal{syscall.SIGUSR1, syscall.SIGTERM} {
		must(syscall.Kill(os.Getpid(), number))
		fmt.Println(<-caught)
	}
	signal.Reset()
	defer func() { fmt.Println("recovered:", recover()) }()
	var nothing *struct{ field int }
	nothing.field = 1
}

func files() {
	dir, err := os.MkdirTemp("", "go")
	must(err)
	for i := 0; i < 5; i++ {
		must(os.WriteFile(filepath.Join(dir, fmt.Sprint("file", i)), make([]byte, i*1000), 0o640))
	}
	size := int64(0)
	must(filepath.Walk(dir, func(_ string, info os.FileInfo, err error) error {
		if info.Mode().IsRegular() {
			size += info.Size()
		}
		return err
	}))
	must(os.RemoveAll(dir))
	_, err = os.Stat(dir)
	fmt.Println(size, os.IsNotExist(err))
}

func main() {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case "child":
			input, _ := io.ReadAll(os.Stdin)
			fmt.Printf("%s, and %s", strings.Join(os.Args[2:], " "), input)
		case "status":
			os.Exit(7)
		case "sleep":
			time.Sleep(time.Hour)
		}
		return
	}
	fmt.Println(primes(30))
	fmt.Println(counters())
	echo()
	children()
	signals()
	files()
	begin := time.Now()
	select {
	case <-time.After(20 * time.Millisecond):
		fmt.Println("later:", time.Since(begin) >= 20*time.Millisecond)
	}
	runtime.GC()
	fmt.Println("done")
}
