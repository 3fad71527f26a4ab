// Package kubernetes_test holds deploy/kubernetes to the types of Kubernetes, and runs the commands of its jobs.
package kubernetes_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

const root = "../.."

// manifests are the documents of deploy/kubernetes, by kind and name. A key that Kubernetes does not know is an error.
func manifests(t *testing.T) (jobs map[string]*batchv1.Job, services map[string]*corev1.Service) {
	t.Helper()
	jobs, services = map[string]*batchv1.Job{}, map[string]*corev1.Service{}
	files, err := filepath.Glob(root + "/deploy/kubernetes/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, document := range bytes.Split(text, []byte("\n---\n")) {
			var of struct{ APIVersion, Kind string }
			if err := yaml.Unmarshal(document, &of); err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			switch of.APIVersion + " " + of.Kind {
			case "batch/v1 Job":
				job := &batchv1.Job{}
				if err := yaml.UnmarshalStrict(document, job); err != nil {
					t.Fatalf("%s: %v", file, err)
				}
				jobs[job.Name] = job
			case "v1 Service":
				service := &corev1.Service{}
				if err := yaml.UnmarshalStrict(document, service); err != nil {
					t.Fatalf("%s: %v", file, err)
				}
				services[service.Name] = service
			default:
				t.Fatalf("%s has a %s of %s", file, of.Kind, of.APIVersion)
			}
		}
	}
	return jobs, services
}

func TestManifestsFitTogether(t *testing.T) {
	jobs, services := manifests(t)
	lead, generators, service := jobs["gonogo-lead"], jobs["gonogo-generators"], services["gonogo-lead"]
	if lead == nil || generators == nil || service == nil {
		t.Fatalf("there are %d jobs and %d services", len(jobs), len(services))
	}
	for name, value := range service.Spec.Selector {
		if lead.Spec.Template.Labels[name] != value {
			t.Errorf("the service selects %s=%s, and the lead's pod has %v", name, value, lead.Spec.Template.Labels)
		}
	}
	if service.Spec.ClusterIP != corev1.ClusterIPNone {
		t.Errorf("the service is not headless: %q", service.Spec.ClusterIP)
	}
	of, n := generators.Spec, *generators.Spec.Completions
	if *of.CompletionMode != batchv1.IndexedCompletion || *of.Parallelism != n || *of.BackoffLimitPerIndex != 0 || *of.MaxFailedIndexes != n {
		t.Errorf("a generator that is lost is not all that is lost: %+v", of)
	}
	for _, job := range jobs {
		if got := job.Spec.Template.Spec.RestartPolicy; got != corev1.RestartPolicyNever {
			t.Errorf("%s is started again: %s", job.Name, got)
		}
	}
	pod := lead.Spec.Template.Spec
	for _, mount := range pod.Containers[0].VolumeMounts {
		known := false
		for _, volume := range pod.Volumes {
			known = known || volume.Name == mount.Name
		}
		if !known {
			t.Errorf("the lead mounts %s, which is no volume", mount.Name)
		}
	}
}

// TestTheJobsRun is the job controller: it runs the lead's command, and that of the generators once for each index. Paths and addresses
// are this machine's, and a run takes a second.
func TestTheJobsRun(t *testing.T) {
	jobs, _ := manifests(t)
	dir := t.TempDir()
	tool := filepath.Join(dir, "gonogo")
	build := exec.Command("go", "build", "-o", tool, "./cmd/gonogo")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	server := exec.Command(tool, "serve", "kitchenhub", "--targets", dir)
	serving := run(t, server, nil, "TEST ONLY.")
	<-serving.seen
	target, env := withoutSecrets(t, filepath.Join(dir, "kitchenhub.yaml"))
	secret := filepath.Join(dir, "secret")
	if err := os.WriteFile(secret, []byte("Kp4mVale7xHarbour2zMeadow9qOrchid"), 0o600); err != nil {
		t.Fatal(err)
	}
	here := strings.NewReplacer("/etc/gonogo/target.yaml", target, "/run/gonogo/join/secret", secret, "0.0.0.0:4222", "127.0.0.1:0", "--rate=2000", "--rate=200", "--duration=1m", "--duration=1s")
	command := func(job string, more ...string) *exec.Cmd {
		var args []string
		for _, arg := range jobs[job].Spec.Template.Spec.Containers[0].Args {
			args = append(args, here.Replace(arg))
		}
		return exec.Command(tool, append(args, more...)...)
	}
	report := filepath.Join(dir, "report.json")
	lead := run(t, command("gonogo-lead", "--report=json="+report, "--working-set=80"), env, "--join-secret-file FILE")
	<-lead.seen
	at := regexp.MustCompile(`nats://(\S+)`).FindStringSubmatch(lead.String())[1]
	here = strings.NewReplacer("gonogo-lead:4222", at, "/run/gonogo/join/secret", secret)
	var pods []*pod
	for range int(*jobs["gonogo-generators"].Spec.Completions) {
		pods = append(pods, run(t, command("gonogo-generators"), env, "joined nats://"))
	}
	for i, p := range pods {
		if <-p.ended; p.cmd.ProcessState.ExitCode() != 0 {
			t.Errorf("index %d ends by %d:\n%s", i, p.cmd.ProcessState.ExitCode(), p)
		}
	}
	<-lead.ended
	if code := lead.cmd.ProcessState.ExitCode(); code != 0 && code != 3 { // a busy machine may have no time for it
		t.Errorf("the lead ends by %d:\n%s", code, lead)
	}
	text, err := os.ReadFile(report)
	if err != nil || !regexp.MustCompile(`"number": 4,\s+"of": 4,`).Match(text) {
		t.Errorf("the report has no fourth generator (%v) in\n%s", err, lead)
	}
}
