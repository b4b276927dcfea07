//go:build js && wasm

// The page's own program: the verifier, compiled to WebAssembly. It gives JavaScript two functions, safeconductMake and
// safeconductJudge, which take and return JSON, and opens no connection.
package main

import (
	"context"
	"encoding/json"
	"syscall/js"
	"time"

	"github.com/safeconduct/safeconduct/examples/playground/desk"
)

func main() {
	js.Global().Set("safeconductMake", js.FuncOf(func(js.Value, []js.Value) any {
		made, err := desk.Make(context.Background(), time.Now())
		if err != nil {
			return answer(map[string]string{"error": err.Error()})
		}
		return answer(made)
	}))
	js.Global().Set("safeconductJudge", js.FuncOf(func(_ js.Value, args []js.Value) any {
		var q desk.Question
		if err := json.Unmarshal([]byte(args[0].String()), &q); err != nil {
			return answer(desk.Answer{Error: err.Error()})
		}
		return answer(desk.Judge(context.Background(), q, time.Now()))
	}))
	js.Global().Call("safeconductReady")
	select {} // the functions are called from now on
}

func answer(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return `{"error":"the answer could not be written"}`
	}
	return string(text)
}
