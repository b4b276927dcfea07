package verifygrpc_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/emptypb"

	verifygrpc "github.com/safeconduct/safeconduct/integrations/grpc"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/meaning"
)

// export is a method whose request has an int64, which ProtoJSON writes as a text.
const export = "/example.v1.Files/Export"

func files(s *shop) *grpc.ServiceDesc {
	return &grpc.ServiceDesc{ServiceName: "example.v1.Files", HandlerType: (*any)(nil), Methods: []grpc.MethodDesc{{
		MethodName: "Export",
		Handler: func(_ any, ctx context.Context, decode func(any) error, guard grpc.UnaryServerInterceptor) (any, error) {
			in := &errdetails.QuotaFailure_Violation{}
			if err := decode(in); err != nil {
				return nil, err
			}
			return guard(ctx, in, &grpc.UnaryServerInfo{FullMethod: export}, func(context.Context, any) (any, error) {
				s.ran.Add(1)
				return &emptypb.Empty{}, nil
			})
		}}}}
}

// A limit holds for a field of 64 bits, too. One that is too large for a double is not a
// number to any limit.
func TestAnInt64IsANumber(t *testing.T) {
	for rows, want := range map[int64]verify.Code{
		1: "", 100: "", 101: verify.AuthorityLimitExceeded, 1<<53 + 1: verify.AuthorityLimitExceeded,
	} {
		s := newShop(t, func(s *shop) {
			means := verifygrpc.Method{Call: meaning.Call{
				Action: "data.read", Resource: "/subject", Attributes: map[string]string{"rows": "/quotaValue"},
			}}
			s.config.Methods[export], s.client.Methods[export] = means, means
			s.client.Chain = passport.Chain{s.Issue(s.Passport(func(p *passport.Passport) {
				p.Authority.Limits = []passport.Limit{passport.MaxOf("rows", 100)}
			}))}
			s.more = files(s)
		})
		err := s.presenting().Invoke(t.Context(), export,
			&errdetails.QuotaFailure_Violation{Subject: "t", QuotaValue: rows}, &emptypb.Empty{})
		if want == "" {
			require.NoError(t, err, rows)
			require.EqualValues(t, 1, s.ran.Load())
			continue
		}
		s.refused(err, want, codes.PermissionDenied)
	}
}

// A pointer that leads nowhere is found before the server serves: what it stands for would
// never be stated.
func TestCoversPointers(t *testing.T) {
	const charge = service + "UnaryCall"
	for pointer, found := range map[string]bool{
		"/responseSize": true, "/payload/body": true, "/payload": true, "/responseStatus/code": true,
		"/orcaPerQueryReport/requestCost/cpu": true,
		"/response_size":                      false, "/nothing": false, "/": false,
		"/payload/body/0": false, "/payload/bdy": false,
	} {
		s := newShop(t, func(s *shop) {
			s.config.Methods[charge] = verifygrpc.Method{Call: meaning.Call{Action: "data.read", Resource: pointer}}
		})
		guard, err := verifygrpc.New(s.config)
		require.NoError(t, err)
		err = guard.Covers(s.server)
		if found {
			require.NotContains(t, err.Error(), "leads to no field")
			continue
		}
		require.ErrorContains(t, err, "the pointer "+pointer+" of "+charge+" leads to no field of grpc.testing.SimpleRequest")
	}
}
