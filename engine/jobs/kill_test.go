package jobs_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"vouch/engine"
	"vouch/engine/jobs"
)

// childEnv makes the test binary a process that works on jobs: the database.
const childEnv = "VOUCH_JOBS_CHILD"

const (
	steps = 50 // of each job that is killed

	// killPause is how long a step takes, so that a kill meets one of them.
	killPause = 5 * time.Millisecond
)

func TestMain(m *testing.M) {
	if path := os.Getenv(childEnv); path != "" {
		if err := work(context.Background(), path); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// work works on jobs until it is killed.
func work(ctx context.Context, path string) error {
	var s engine.Store
	_, r, err := process(ctx, path, jobs.Config{
		Handlers: map[engine.JobKind]jobs.Handler{"steps": func(ctx context.Context, workspace string, j engine.Job, progress func(int, int)) error {
			return takeSteps(ctx, s, workspace, j, progress)
		}},
		Workers: 1, Lease: time.Second, Poll: 100 * time.Millisecond,
	}, func(opened engine.Store) engine.Store { s = opened; return s })
	if err != nil {
		return err
	}
	if err := r.Start(ctx); err != nil {
		return err
	}
	select {}
}

// takeSteps is an idempotent handler: each step is stored, by a control, in one
// transaction with the look whether it is there already.
func takeSteps(ctx context.Context, s engine.Store, workspace string, j engine.Job, progress func(int, int)) error {
	for n := range steps {
		progress(n, steps)
		ref := fmt.Sprintf("%s-%d", j.Object, n)
		err := s.InTx(ctx, func(tx engine.Tx) error {
			list, err := tx.ControlsByRef(ctx, workspace, []string{ref})
			if err != nil || len(list) > 0 {
				return err
			}
			_, err = tx.PutControl(ctx, workspace, engine.Control{Ref: ref, Title: strconv.Itoa(os.Getpid())})
			return err
		})
		if err != nil {
			return err
		}
		fmt.Println(j.Object, n)
		time.Sleep(killPause)
	}
	progress(steps, steps)
	return nil
}

// worker is a child process that works on jobs.
type worker struct {
	cmd  *exec.Cmd
	errs *bytes.Buffer
	took chan string // the steps as they are taken; closed at the end of the process
}

func startWorker(t *testing.T, path string) *worker {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	w := &worker{cmd: exec.Command(exe), errs: &bytes.Buffer{}, took: make(chan string, 10_000)}
	w.cmd.Env = append(os.Environ(), childEnv+"="+path)
	w.cmd.Stderr = w.errs
	out, err := w.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := w.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(w.took)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			w.took <- lines.Text()
		}
	}()
	return w
}

// kill kills the process and waits for its end.
func (w *worker) kill(t *testing.T) {
	t.Helper()
	if err := w.cmd.Process.Kill(); err != nil {
		t.Fatalf("kill: %v: %s", err, w.errs)
	}
	for range w.took {
	}
	if err := w.cmd.Wait(); err == nil || w.errs.Len() > 0 {
		t.Fatalf("the worker ended by itself: %v: %s", err, w.errs)
	}
}

// TestKilledWorkersLeaveNothingUndone kills the process that works on a job, at
// a random step, while another one waits to take over; until all is done.
func TestKilledWorkersLeaveNothingUndone(t *testing.T) {
	onEach(t, func(t *testing.T, made func(testing.TB) string) { killed(t, made(t)) })
}

func killed(t *testing.T, path string) {
	kills := 4
	if n, err := strconv.Atoi(os.Getenv("VOUCH_KILLS")); err == nil {
		kills = n
	}
	ctx := t.Context()
	s, _, err := process(ctx, path, jobs.Config{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.EnsureWorkspace(ctx, "w"); err != nil {
		t.Fatal(err)
	}
	workers := []*worker{startWorker(t, path), startWorker(t, path)}
	defer func() {
		for _, w := range workers {
			w.kill(t)
		}
	}()
	added, takeovers := 0, 0
	for n := 0; n < kills; added++ {
		j, err := s.AddJob(ctx, "w", engine.Job{Kind: "steps", Object: fmt.Sprintf("job-%d", added), MaxAttempts: 1000})
		if err != nil {
			t.Fatal(err)
		}
		for i := range min(2, kills-n) { // each job loses its worker twice
			workers = killOne(t, s, workers, j, path)
			t.Logf("kill %d of %d, number %d of %s", n+1, kills, i+1, j.Object)
			n++
		}
		takeovers += finished(t, s, j, workers)
	}
	if takeovers*2 < kills {
		t.Errorf("%d kills, and only %d takeovers: the test kills too late", kills, takeovers)
	}
	report, err := engine.VerifyAudit(ctx, s, "w", nil)
	if err != nil || len(report.Breaks) > 0 || report.Objects != added*(steps+1) || report.Head.Count != int64(added*(steps+1)) {
		t.Errorf("%+v (%v), want %d steps and %d jobs, each stored once", report, err, added*steps, added)
	}
}

// killOne waits until a worker has taken some steps of a job, kills that one in
// the next, and returns those that there are then: the other and a new one. If
// the job is done before, one is killed that has nothing to do.
func killOne(t *testing.T, s engine.Store, workers []*worker, j engine.Job, path string) []*worker {
	t.Helper()
	after := rand.N(steps - 10)
	deadline := time.After(30 * time.Second)
	for {
		var i int
		var line string
		var ok bool
		select {
		case line, ok = <-workers[0].took:
		case line, ok = <-workers[1].took:
			i = 1
		case <-time.After(time.Second):
			now, err := s.Job(t.Context(), "w", j.ID)
			if ok = err == nil; now.State.Ended() {
				line = fmt.Sprint(j.Object, " ", steps)
			}
		case <-deadline:
			ok = false
		}
		if !ok {
			t.Fatalf("nobody works on %s: %s%s", j.Object, workers[0].errs, workers[1].errs)
		}
		name, step, _ := strings.Cut(line, " ")
		if n, err := strconv.Atoi(step); name != j.Object || err != nil || n < after {
			continue
		}
		time.Sleep(rand.N(killPause))
		workers[i].kill(t)
		return []*worker{workers[1-i], startWorker(t, path)}
	}
}

// finished waits for the end of a job, and looks whether each step was taken,
// once. It returns how often one worker went on where another had stopped.
func finished(t *testing.T, s engine.Store, j engine.Job, workers []*worker) (takeovers int) {
	t.Helper()
	ctx := t.Context()
	for deadline := time.Now().Add(30 * time.Second); !j.State.Ended(); time.Sleep(20 * time.Millisecond) {
		var err error
		if j, err = s.Job(ctx, "w", j.ID); err != nil {
			t.Fatal(err)
		}
		if time.Now().After(deadline) {
			t.Fatalf("not done: %+v: %s%s", j, workers[0].errs, workers[1].errs)
		}
	}
	if j.State != engine.JobDone || j.Done != steps || j.Total != steps {
		t.Errorf("%+v", j)
	}
	refs := make([]string, steps)
	for n := range refs {
		refs[n] = fmt.Sprintf("%s-%d", j.Object, n)
	}
	list, err := s.ControlsByRef(ctx, "w", refs)
	if err != nil || len(list) != steps {
		t.Fatalf("%d of %d steps were taken (%v)", len(list), steps, err)
	}
	takers := map[string]bool{}
	for _, c := range list {
		takers[c.Title] = true
		if c.Version != 1 {
			t.Errorf("step %s was taken %d times", c.Ref, c.Version)
		}
	}
	return len(takers) - 1
}
