package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// The keeper starts a control plane and ends it. It is in nobody's process tree. Whoever needs
// the control plane holds a connection to it, and half a second after the last of them is gone,
// however that came about, nothing is left: neither a process nor a file.
//
// Its address is an abstract Unix socket, which only one keeper can have. So all who name the
// same one share a control plane, whoever of them comes first.
const (
	untilFirst = 20 * time.Second // how long it waits for somebody to come
	afterLast  = 500 * time.Millisecond
)

// startKeeper leaves a keeper behind that has the address, whether it is new or not.
func startKeeper(arguments []string) error {
	listener, err := net.Listen("unix", "@"+arguments[0])
	if err != nil {
		if strings.Contains(err.Error(), syscall.EADDRINUSE.Error()) {
			return nil // somebody else was faster
		}
		return err
	}
	handle, err := listener.(*net.UnixListener).File()
	if err != nil {
		return err
	}
	keeper := exec.Command("/proc/self/exe", "keep")
	keeper.Args[0] = "drillmaster-controlplane"
	keeper.ExtraFiles = []*os.File{handle}
	keeper.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	return keeper.Start()
}

// keeper is changed by one thread alone, the one whose end the kernel watches for the parts.
type keeper struct {
	folder  string
	parts   map[string]*part
	calls   map[string][]string
	holders map[net.Conn]bool
	news    []byte      // what everybody is told who comes: the address, or what failed
	orders  chan func() // what to do on the thread
	over    bool
}

func keep() error {
	runtime.LockOSThread()
	listener, err := net.FileListener(os.NewFile(3, "listener"))
	if err != nil {
		return err
	}
	folder, err := newFolder()
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	k := &keeper{
		folder: folder, parts: map[string]*part{}, holders: map[net.Conn]bool{},
		orders: make(chan func()),
	}
	defer k.end(listener)
	go k.admit(listener)
	go k.bringUp()
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	alone := time.NewTimer(untilFirst)
	for !k.over {
		select {
		case order := <-k.orders:
			held := len(k.holders) > 0
			order()
			if len(k.holders) > 0 {
				alone.Stop()
			} else if held {
				alone.Reset(afterLast)
			}
		case <-alone.C:
			return nil
		case <-signals:
			return nil
		}
	}
	return nil
}

// end takes the address away first: who comes now gets a new control plane.
func (k *keeper) end(listener net.Listener) {
	listener.Close()
	for _, running := range k.parts {
		running.kill()
	}
}

// admit lets people in for as long as there is a listener.
func (k *keeper) admit(listener net.Listener) {
	for {
		holder, err := listener.Accept()
		if err != nil {
			return
		}
		k.orders <- func() {
			k.holders[holder] = true
			k.tell(holder)
		}
		go k.listen(holder)
	}
}

// listen obeys a holder, line by line, and notices when they are gone.
func (k *keeper) listen(holder net.Conn) {
	for lines := bufio.NewScanner(holder); lines.Scan(); {
		answer := map[string]string{}
		if err := k.obey(lines.Text()); err != nil {
			answer["failed"] = err.Error()
		}
		_, _ = holder.Write(line(answer))
	}
	holder.Close()
	k.orders <- func() { delete(k.holders, holder) }
}

func (k *keeper) tell(holder net.Conn) {
	if k.news != nil {
		_, _ = holder.Write(k.news)
	}
}

// publish tells everybody, now and later. After a failure all ends.
func (k *keeper) publish(news map[string]string) {
	k.news = line(news)
	for holder := range k.holders {
		k.tell(holder)
	}
	_, k.over = news["failed"]
}

// run starts parts, on the thread.
func (k *keeper) run(names ...string) error {
	done := make(chan error)
	k.orders <- func() {
		var err error
		for _, name := range names {
			var started *part
			if started, err = startPart(k.folder, name, append(k.calls[name], more(k.folder, name)...)); err != nil {
				break
			}
			k.parts[name] = started
			go k.watch(name, started)
		}
		done <- err
	}
	return <-done
}

// watch sees to it that a part that ends by itself is no riddle to those who wait.
func (k *keeper) watch(name string, running *part) {
	<-running.done
	k.orders <- func() {
		if k.parts[name] == running {
			k.publish(map[string]string{"failed": k.lastWords(name)})
		}
	}
}

// stop ends parts that were started.
func (k *keeper) stop(names ...string) {
	done := make(chan bool)
	k.orders <- func() {
		for _, name := range names {
			if running := k.parts[name]; running != nil {
				delete(k.parts, name)
				running.kill()
			}
		}
		done <- true
	}
	<-done
}

func (k *keeper) signal(name string, what syscall.Signal) error {
	done := make(chan error)
	k.orders <- func() {
		running := k.parts[name]
		if running == nil {
			done <- fmt.Errorf("%s does not run", name)
			return
		}
		done <- running.Process.Signal(what)
	}
	return <-done
}

func (k *keeper) lastWords(name string) string {
	text, _ := os.ReadFile(logOf(k.folder, name))
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return name + " ended: " + strings.Join(lines[max(0, len(lines)-5):], "\n")
}

func line(answer map[string]string) []byte {
	text, err := json.Marshal(answer)
	if err != nil {
		panic(err) // a map of texts is always JSON
	}
	return append(text, '\n')
}
