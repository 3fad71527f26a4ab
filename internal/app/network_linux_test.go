package app_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A network is what a bridge joins: namespaces of the kernel's, each with an address of its own. Nothing of it has a name, so the kernel
// takes all of it away with the test, however that ends.
type network struct {
	hub   *os.File
	hosts []*os.File
}

// newNetwork makes one. That takes rights that a runner may well not have, and which no installing gives: without them the test is left out,
// in CI as well. The program that it takes is another matter.
func newNetwork(t *testing.T) *network {
	t.Helper()
	if _, err := exec.LookPath("ip"); err != nil {
		const complaint = "ip is missing, by which networks are made; install it, on Debian with apt-get install iproute2"
		if os.Getenv("CI") == "true" {
			t.Fatal(complaint)
		}
		t.Skip(complaint)
	}
	n := &network{}
	n.hub = n.namespace(t)
	n.ip(t, n.hub, "link add hub type bridge", "link set hub up")
	return n
}

// namespace is one with nothing in it but its loopback.
func (n *network) namespace(t *testing.T) (made *os.File) {
	t.Helper()
	err := alone(func() error {
		err := unix.Unshare(unix.CLONE_NEWNET)
		if err == nil {
			made, err = os.Open(fmt.Sprintf("/proc/self/task/%d/ns/net", unix.Gettid()))
		}
		return err
	})
	if errors.Is(err, unix.EPERM) {
		t.Skip("whoever runs this may not make networks: that takes root")
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = made.Close() })
	n.ip(t, made, "link set lo up")
	return made
}

// alone does something on a thread that ends with it, whatever was done to the thread.
func alone(do func() error) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread()
		done <- do()
	}()
	return <-done
}

// in does something in a namespace: what listens and who is started there stays there.
func in(space *os.File, do func() error) error {
	return alone(func() error {
		if err := unix.Setns(int(space.Fd()), unix.CLONE_NEWNET); err != nil {
			return err
		}
		return do()
	})
}

func (n *network) ip(t *testing.T, space *os.File, lines ...string) {
	t.Helper()
	cmd := exec.Command("ip", "-batch", "-")
	cmd.Stdin = strings.NewReader(strings.Join(lines, "\n"))
	var out []byte
	if err := in(space, func() (err error) { out, err = cmd.CombinedOutput(); return err }); err != nil {
		t.Fatalf("ip does not do %q: %v: %s", lines, err, out)
	}
}

// host is a further machine in the network.
func (n *network) host(t *testing.T) place {
	t.Helper()
	space, port := n.joining(t)
	n.ip(t, n.hub, fmt.Sprintf("link add %s type veth peer name eth0 netns /proc/%d/fd/%d", port, os.Getpid(), space.Fd()))
	return n.plugged(t, space, port)
}

// distant is a machine to which everything takes so long, and from which it does.
func (n *network) distant(t *testing.T, there, back time.Duration) place {
	t.Helper()
	space, port := n.joining(t)
	far, near := tap(t, space, "eth0"), tap(t, n.hub, port)
	late(far, near, back)
	late(near, far, there)
	return n.plugged(t, space, port)
}

func (n *network) joining(t *testing.T) (space *os.File, port string) {
	t.Helper()
	n.hosts = append(n.hosts, n.namespace(t))
	return n.hosts[len(n.hosts)-1], fmt.Sprintf("port%d", len(n.hosts))
}

func (n *network) plugged(t *testing.T, space *os.File, port string) place {
	t.Helper()
	p := place{host: fmt.Sprintf("10.77.0.%d", len(n.hosts)), in: func(do func() error) error { return in(space, do) }}
	n.ip(t, n.hub, fmt.Sprintf("link set %s master hub up", port))
	n.ip(t, space, fmt.Sprintf("address add %s/24 dev eth0", p.host), "link set eth0 up")
	p.cut = func(t *testing.T) { n.ip(t, n.hub, fmt.Sprintf("link set %s down", port)) }
	return p
}

// tap is a device of a namespace whose frames go through this process.
func tap(t *testing.T, space *os.File, name string) (device *os.File) {
	t.Helper()
	err := in(space, func() error {
		fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
		if err != nil {
			return err
		}
		request, err := unix.NewIfreq(name)
		if err == nil {
			request.SetUint16(unix.IFF_TAP | unix.IFF_NO_PI)
			err = unix.IoctlIfreq(fd, unix.TUNSETIFF, request)
		}
		device = os.NewFile(uintptr(fd), name) // which closes it; before it is a device nobody can wait for it
		return err
	})
	if device != nil {
		t.Cleanup(func() { _ = device.Close() })
	}
	if errors.Is(err, unix.ENOENT) || errors.Is(err, unix.EPERM) {
		t.Skipf("a link that is slow takes /dev/net/tun: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return device
}

// late passes frames on, each so much later, until a device is closed. A queue that is full loses what comes, as those of routers do.
func late(from, to *os.File, by time.Duration) {
	type frame struct {
		due   time.Time
		bytes []byte
	}
	queue := make(chan frame, 1<<12)
	go func() {
		defer close(queue)
		for {
			buffer := make([]byte, 1<<11)
			n, err := from.Read(buffer)
			if err != nil {
				return
			}
			select {
			case queue <- frame{time.Now().Add(by), buffer[:n]}:
			default:
			}
		}
	}()
	go func() {
		for f := range queue {
			time.Sleep(time.Until(f.due))
			_, _ = to.Write(f.bytes) // of a device that is down
		}
	}()
}
