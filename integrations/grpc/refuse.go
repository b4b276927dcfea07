package verifygrpc

import (
	"strings"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifyhttp"
)

// codeOf maps the HTTP status of a refusal, which tells the same.
var codeOf = map[int]codes.Code{
	400: codes.InvalidArgument, 401: codes.Unauthenticated, 403: codes.PermissionDenied, 409: codes.Aborted,
	413: codes.InvalidArgument, 429: codes.ResourceExhausted, 500: codes.Internal, 503: codes.Unavailable,
}

// refusal is the status of a refusal, with what the agent may know of it.
func refusal(d *verify.Decision, err error) error {
	p := verifyhttp.NewProblem(d, err)
	p.AddReasons(err)
	code, ok := codeOf[p.Status]
	if !ok {
		code = codes.PermissionDenied
	}
	problem, _ := p.MarshalJSON() // which does not fail
	details := []protoadapt.MessageV1{&errdetails.ErrorInfo{
		Reason:   strings.ToUpper(strings.ReplaceAll(string(p.Code), ".", "_")),
		Domain:   Domain,
		Metadata: map[string]string{"problem": string(problem)},
	}}
	if !p.Until.IsZero() && d != nil {
		details = append(details, &errdetails.RetryInfo{RetryDelay: durationpb.New(max(p.Until.Sub(d.At), 0))})
	}
	s := status.New(code, strings.ToValidUTF8(p.Text(), ""))
	if detailed, err := s.WithDetails(details...); err == nil {
		s = detailed
	}
	return s.Err()
}

// ReadRefusal finds the refusal in the error of a call; false if no guard has refused
// it. It is the server's word, and nothing more.
func ReadRefusal(err error) (*verifyhttp.Problem, bool) {
	for _, detail := range status.Convert(err).Details() {
		info, ok := detail.(*errdetails.ErrorInfo)
		if !ok || info.Domain != Domain {
			continue
		}
		p := &verifyhttp.Problem{}
		if p.UnmarshalJSON([]byte(info.Metadata["problem"])) == nil {
			return p, true
		}
	}
	return nil, false
}
