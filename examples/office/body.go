package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/passport/registry"
)

// maxBody is the size of the largest body that is read. The largest in the four sources is below 2 KiB.
const maxBody = 64 << 10

// Codes of what HTTP refuses before the office is asked.
const (
	tooLarge         registry.Code = "BODY_TOO_LARGE"
	notJSON          registry.Code = "UNSUPPORTED_MEDIA_TYPE"
	methodNotAllowed registry.Code = "METHOD_NOT_ALLOWED"
	notBuilt         registry.Code = "NOT_IMPLEMENTED"
)

func refuse(code registry.Code, status int, format string, args ...any) error {
	return &registry.Error{Code: code, Status: status, Detail: fmt.Sprintf(format, args...)}
}

// badRequest says which member of the call is wrong, by the name that the caller uses.
func badRequest(member, format string, args ...any) error {
	return &registry.Error{Code: registry.BadRequest, Member: member, Detail: fmt.Sprintf(format, args...)}
}

// single refuses fields that are there twice, of which two readers may take another one each, and a body that is to be
// decoded before it is read.
func single(h http.Header) error {
	if encoding := h.Get("Content-Encoding"); encoding != "" && encoding != "identity" ||
		len(h.Values("Content-Type")) > 1 {
		return refuse(notJSON, http.StatusUnsupportedMediaType, "want a body of type application/json, as it is")
	}
	if len(h.Values("Idempotency-Key")) > 1 {
		return badRequest("Idempotency-Key", "it is there twice")
	}
	return nil
}

// decode reads a JSON object strictly into a struct: a member that it does not name, exactly, a member that is there
// twice, another type and text behind the object are refused. A member that is null counts as absent.
func (c *call) decode(into any) error {
	if kind := c.r.Header.Get("Content-Type"); kind != "" {
		if media, _, err := mime.ParseMediaType(kind); err != nil || media != "application/json" {
			return refuse(notJSON, http.StatusUnsupportedMediaType, "want a body of type application/json")
		}
	}
	raw, err := io.ReadAll(c.r.Body)
	if most := (*http.MaxBytesError)(nil); errors.As(err, &most) {
		return refuse(tooLarge, http.StatusRequestEntityTooLarge, "the body has more than %d bytes", most.Limit)
	}
	if err != nil {
		return badRequest("body", "it could not be read")
	}
	v, err := credential.ParseValue(string(raw))
	if err != nil {
		return badRequest("body", "%v", err)
	}
	if err := named(v, reflect.TypeOf(into), ""); err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	if err := d.Decode(into); err != nil {
		if e := (*json.UnmarshalTypeError)(nil); errors.As(err, &e) {
			return badRequest(e.Field, "want another type than %s", e.Value)
		}
		return badRequest("body", "%s", strings.TrimPrefix(err.Error(), "json: "))
	}
	return nil
}

// named compares the names of members byte for byte, which encoding/json does not.
func named(v credential.Value, t reflect.Type, at string) error {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if at == "" && !strings.HasPrefix(strings.TrimSpace(v.Raw()), "{") {
		return badRequest("body", "want a JSON object")
	}
	switch {
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Struct:
		for item := range v.Items() {
			if err := named(item, t.Elem(), at); err != nil {
				return err
			}
		}
	case t.Kind() == reflect.Struct:
		fields := map[string]reflect.Type{}
		for _, f := range reflect.VisibleFields(t) {
			if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" {
				fields[name] = f.Type
			}
		}
		for name, member := range v.Members() {
			field, ok := fields[name]
			if !ok {
				return badRequest(at+name, "there is no such member")
			}
			if err := named(member, field, at+name+"."); err != nil {
				return err
			}
		}
	}
	return nil
}

// number is a JSON number by its text: an amount never becomes floating point.
type number string

// UnmarshalJSON keeps the text; whoever reads the amount refuses what is not a number, such as a text that holds one.
func (n *number) UnmarshalJSON(raw []byte) error {
	if string(raw) != "null" {
		*n = number(raw)
	}
	return nil
}

// query returns the parameters of the query: one that the call does not have, and one that is there twice, are refused.
func query(r *http.Request, names []string) (map[string]string, error) {
	out := map[string]string{}
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, badRequest("query", "it could not be read")
	}
	for name, list := range values {
		if !slices.Contains(names, name) {
			return nil, badRequest(clip(name), "there is no such parameter")
		}
		if len(list) != 1 {
			return nil, badRequest(name, "it is there twice")
		}
		out[name] = list[0]
	}
	return out, nil
}

func clip(s string) string {
	if len(s) > 40 {
		s = s[:40]
	}
	return strings.ToValidUTF8(s, "?")
}
