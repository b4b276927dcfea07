package registry

import (
	"crypto/rand"
	"errors"

	"github.com/oklog/ulid/v2"
)

// P12 is an error as APort answers it (P12).
type P12 struct {
	Status     int    `json:"-"` // of HTTP
	Success    bool   `json:"success"`
	Error      string `json:"error"`     // for people
	Code       Code   `json:"code"`      // stable
	RequestID  string `json:"requestId"` // req_…
	ExistingID string `json:"existing_instance_id,omitempty"`
}

// NewRequestID returns an id by which an answer is found again.
func NewRequestID() string {
	var id ulid.ULID
	_, _ = rand.Read(id[:]) // it does not fail
	id[0] &= 0x7f
	return "req_" + id.String()
}

// P12View shows an error of the office as APort does. What is not for the caller, such
// as an error of the store, reads as an internal error; the host logs it under the id.
// An empty id is replaced by a new one.
func P12View(err error, requestID string) P12 {
	if requestID == "" {
		requestID = NewRequestID()
	}
	v := P12{Status: 500, Error: "internal error", Code: Internal, RequestID: requestID}
	var e *Error
	if errors.As(err, &e) && e.Code != Internal {
		v.Status, v.Code, v.ExistingID = e.HTTPStatus(), e.Code, e.ID
		if v.Error = e.Detail; e.Member != "" {
			v.Error = e.Member + ": " + e.Detail
		}
	}
	return v
}
