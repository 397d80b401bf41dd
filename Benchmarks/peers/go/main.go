package main

import (
	"log"
	"net/http"
	"os"
	"strconv"
	"time"
)

var body = []byte(`{"Hello":"World"}`)

func main() {
	milliseconds, _ := strconv.Atoi(os.Getenv("DELAY_MS"))
	delay := time.Duration(milliseconds) * time.Millisecond
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if delay > 0 {
			time.Sleep(delay)
		}
		w.Header().Set("Content-Type", "application/json")
		w.Write(body)
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}
