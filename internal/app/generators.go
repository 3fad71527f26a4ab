package app

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"gonogo/internal/drive"
	"gonogo/internal/fleet"
)

// startGenerators runs this program n times more, as "generate". stop ends those that have not ended by themselves. One whose lead is
// killed ends because its connection does.
func startGenerators(lead *fleet.Lead, secret string, n int) (stop func(), err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	var all []*exec.Cmd
	var running sync.WaitGroup
	stop = func() {
		lead.Close()
		ended := make(chan struct{})
		go func() {
			running.Wait()
			close(ended)
		}()
		select {
		case <-ended:
			return
		case <-time.After(endPatience):
		}
		for _, process := range all {
			_ = process.Process.Kill() // who has ended by now cannot be
		}
		<-ended
	}
	for range n {
		process := exec.Command(self, "generate", "nats://"+lead.Address(), "--join-secret-file", "-", "--quiet")
		process.SysProcAttr = apart() // Ctrl-C is this process's to answer
		process.Stdin = strings.NewReader(secret + "\n")
		complaint := &drive.Tail{Most: mostTail}
		process.Stderr = complaint
		if err := process.Start(); err != nil {
			stop()
			return nil, err
		}
		all = append(all, process)
		running.Go(func() { lead.Ended(process.Process.Pid, howEnded(process.Wait(), complaint)) })
	}
	return stop, nil
}

// howEnded is how a generator's process ended, in words.
func howEnded(err error, complaint *drive.Tail) string {
	text := "its process ended"
	if err != nil {
		text += fmt.Sprintf(" (%v)", err)
	}
	if said := strings.TrimSpace(complaint.String()); said != "" {
		text += ": " + said
	}
	return text
}

// mostTail is how much of what a process wrote is kept.
const mostTail = 4 << 10
