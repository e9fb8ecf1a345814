// One service of the polyglot demo, in Go: asks its upstreams, puts its own name in front of their answers, and forwards the headers that
// tie a trace together. Nothing but the standard library (1.21 or later); deployed as it stands, and built when the pod starts.
//
//	GET /env      {"message": "Go1.25.8"}, or 502 {"error": ...}
//	GET /status   ok
//
//	UPSTREAMS             the URLs that it asks, in that order, with commas between them
//	FORWARD_HEADERS       names in lower case, with commas between them
//	UPSTREAM_TIMEOUT_MS   how long it waits for each, 10000 when left out
//	PORT, HOST            8080 at every address of the pod when left out
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

var (
	name      = "Go" + strings.TrimPrefix(runtime.Version(), "go")
	upstreams = list("UPSTREAMS")
	forward   = list("FORWARD_HEADERS")
	client    = &http.Client{Transport: &http.Transport{}, Timeout: timeout()}
)

func main() {
	mux := http.NewServeMux()
	mux.HandleFunc("/status", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "ok") })
	mux.HandleFunc("/env", env)
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusNotFound, "error", "only /env and /status are served here")
	})
	port := os.Getenv("PORT")
	if port == "" {
		port = "8080"
	}
	listener, err := net.Listen("tcp", net.JoinHostPort(os.Getenv("HOST"), port))
	if err != nil {
		log.Fatal(err)
	}
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	terminated, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	fmt.Printf("%s listens at port %d\n", name, listener.Addr().(*net.TCPAddr).Port)
	go server.Serve(listener)
	<-terminated.Done()
	// A request that is under way is still answered.
	server.Shutdown(context.Background())
}

func env(w http.ResponseWriter, request *http.Request) {
	var messages []string
	for _, url := range upstreams {
		message, err := ask(request, url)
		if err != nil {
			answer(w, http.StatusBadGateway, "error", fmt.Sprintf("%s: upstream %s: %v", name, url, err))
			return
		}
		messages = append(messages, message)
	}
	text := name
	if len(messages) > 0 {
		text += "----->" + strings.Join(messages, ", ")
	}
	answer(w, http.StatusOK, "message", text)
}

func ask(request *http.Request, url string) (string, error) {
	out, err := http.NewRequestWithContext(request.Context(), http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	for _, header := range forward {
		// Only what came, and came with a value: a tracer that finds an empty header drops the trace.
		if value := request.Header.Get(header); value != "" {
			out.Header.Set(header, value)
		}
	}
	response, err := client.Do(out)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return "", err
	}
	if response.StatusCode != http.StatusOK {
		return "", fmt.Errorf("answered %d %.300s", response.StatusCode, body)
	}
	var answered struct{ Message string }
	err = json.Unmarshal(body, &answered)
	return answered.Message, err
}

func answer(w http.ResponseWriter, status int, key, text string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	// Without the default escapes of '<' and '>', which would hide the arrow.
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.Encode(map[string]string{key: text})
}

func list(variable string) []string {
	return strings.FieldsFunc(os.Getenv(variable), func(r rune) bool { return r == ',' })
}

func timeout() time.Duration {
	milliseconds, err := strconv.Atoi(os.Getenv("UPSTREAM_TIMEOUT_MS"))
	if err != nil {
		milliseconds = 10000
	}
	return time.Duration(milliseconds) * time.Millisecond
}
