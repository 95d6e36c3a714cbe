// Ask one URL the way the kubelet's HTTP probe does, with Go's own client, and print
// what the probe amounts to: success, warning, failure or error, and the text.
//
//	probe URL TIMEOUT
package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"
)

func main() {
	limit, _ := time.ParseDuration(os.Args[2])
	client := &http.Client{
		Timeout: limit,
		Transport: &http.Transport{
			TLSClientConfig:    &tls.Config{InsecureSkipVerify: true},
			DisableKeepAlives:  true,
			DisableCompression: true,
		},
		CheckRedirect: func(request *http.Request, via []*http.Request) error {
			if request.URL.Hostname() != via[0].URL.Hostname() {
				return http.ErrUseLastResponse
			}
			if len(via) >= 10 {
				return errors.New("stopped after 10 redirects")
			}
			return nil
		},
	}
	answer, err := client.Get(os.Args[1])
	if err != nil {
		fmt.Println("failure", err)
		return
	}
	_, err = io.ReadAll(io.LimitReader(answer.Body, 10*1024))
	switch {
	case err != nil:
		fmt.Println("error", err)
	case answer.StatusCode < 200 || answer.StatusCode >= 400:
		fmt.Println("failure", answer.StatusCode)
	case answer.StatusCode >= 300:
		fmt.Println("warning", answer.StatusCode)
	default:
		fmt.Println("success", answer.StatusCode)
	}
}
