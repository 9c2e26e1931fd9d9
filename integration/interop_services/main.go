// A member of protoactor-go that finds its cluster in ZooKeeper or Consul.
//
// It prints `joined <id>` and, after every change, `members <id>@<host>:<port>/<kinds>...`;
// it leaves when its standard input ends.
package main

import (
	"fmt"
	"io"
	"os"
	"sort"
	"strings"
	"time"

	"github.com/asynkron/protoactor-go/actor"
	"github.com/asynkron/protoactor-go/cluster"
	"github.com/asynkron/protoactor-go/cluster/clusterproviders/consul"
	"github.com/asynkron/protoactor-go/cluster/clusterproviders/zk"
	"github.com/hashicorp/consul/api"
	"github.com/asynkron/protoactor-go/cluster/identitylookup/disthash"
	"github.com/asynkron/protoactor-go/remote"
)

func main() {
	service, endpoint, name := os.Args[1], os.Args[2], os.Args[3]
	provider, err := newProvider(service, endpoint)
	if err != nil {
		panic(err)
	}
	system := actor.NewActorSystem()
	system.EventStream.Subscribe(printMembers)
	nothing := actor.PropsFromFunc(func(actor.Context) {})
	member := cluster.New(system, cluster.Configure(
		name, provider, disthash.New(), remote.Configure("127.0.0.1", 0),
		cluster.WithKinds(cluster.NewKind("Go", nothing))))
	member.StartMember()
	if service == "consul" {
		fmt.Println("joined", system.ID)
	} else {
		fmt.Printf("joined %s@%s\n", name, system.Address())
	}
	_, _ = io.Copy(io.Discard, os.Stdin)
	member.Shutdown(true)
}

func newProvider(service, endpoint string) (cluster.ClusterProvider, error) {
	if service == "consul" {
		return consul.NewWithConfig(&api.Config{Address: endpoint})
	}
	return zk.New([]string{endpoint}, zk.WithSessionTimeout(3*time.Second))
}

func printMembers(event any) {
	topology, ok := event.(*cluster.ClusterTopology)
	if !ok {
		return
	}
	var members []string
	for _, m := range topology.Members {
		sort.Strings(m.Kinds)
		kinds := strings.Join(m.Kinds, ",")
		members = append(members, fmt.Sprintf("%s@%s:%d/%s", m.Id, m.Host, m.Port, kinds))
	}
	sort.Strings(members)
	fmt.Println("members", strings.Join(members, " "))
}
