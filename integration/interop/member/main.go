// A protoactor-go cluster member, or client, with the article's ponger. It is told
// what to do on standard input, a line at a time, and says what came of it in lines
// that begin with >; libraries write there too.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/asynkron/protoactor-go/actor"
	"github.com/asynkron/protoactor-go/cluster"
	"github.com/asynkron/protoactor-go/cluster/clusterproviders/automanaged"
	"github.com/asynkron/protoactor-go/cluster/identitylookup/disthash"
	"github.com/asynkron/protoactor-go/remote"

	"protoactor.invalid/interop/pingpong"
)

const unlucky = 13

// ponger counts up; it refuses one number.
type ponger struct {
	calls uint64
}

func (p *ponger) Init(cluster.GrainContext)           { p.calls = 0 }
func (p *ponger) Terminate(cluster.GrainContext)      {}
func (p *ponger) ReceiveDefault(cluster.GrainContext) {}

// Ping answers the number, plus 1000 for every earlier call of this activation.
func (p *ponger) Ping(ping *pingpong.PingMessage, _ cluster.GrainContext) (*pingpong.PongMessage, error) {
	if ping.Cnt == unlucky {
		return nil, cluster.NewGrainErrorResponse("OUT_OF_RANGE", "not 13").WithMetadata(map[string]string{"cnt": "13"})
	}
	pong := &pingpong.PongMessage{Cnt: ping.Cnt + 1000*p.calls}
	p.calls++
	return pong, nil
}

func main() {
	name := flag.String("cluster", "", "the cluster's name")
	manage := flag.Int("manage", 0, "port of the health endpoint")
	hosts := flag.String("hosts", "", "health endpoints of all members, by commas")
	client := flag.Bool("client", false, "host nothing")
	flag.Parse()

	silent := func(*actor.ActorSystem) *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }
	system := actor.NewActorSystem(actor.WithLoggerFactory(silent))
	provider := automanaged.NewWithConfig(time.Second, *manage, strings.Split(*hosts, ",")...)
	kind := pingpong.NewPongerKind(func() pingpong.Ponger { return &ponger{} }, 0)
	config := cluster.Configure(*name, provider, disthash.New(), remote.Configure("127.0.0.1", 0), cluster.WithKinds(kind))
	node := cluster.New(system, config)
	if *client {
		node.StartClient()
	} else {
		node.StartMember()
	}
	fmt.Printf("> started %s\n", system.Address())
	obey(node)
	node.Shutdown(!*client)
	fmt.Println("> left")
}

func obey(node *cluster.Cluster) {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		switch words[0] {
		case "ping":
			count, _ := strconv.ParseUint(words[2], 10, 64)
			ping(node, words[1], count)
		case "members":
			fmt.Printf("> members %d\n", node.MemberList.Members().Len())
		case "owner":
			fmt.Printf("> owner %s %s\n", words[1], node.MemberList.GetActivatorMember("Ponger", words[1]))
		case "leave":
			return
		}
	}
}

func ping(node *cluster.Cluster, identity string, count uint64) {
	pong, err := pingpong.GetPongerGrainClient(node, identity).Ping(&pingpong.PingMessage{Cnt: count})
	switch problem := err.(type) {
	case nil:
		fmt.Printf("> pong %s %d\n", identity, pong.Cnt)
	case *cluster.GrainErrorResponse:
		fmt.Printf("> error %s %s %s %v\n", identity, problem.Reason, problem.Message, problem.Metadata)
	default:
		fmt.Printf("> failed %s %v\n", identity, err)
	}
}
