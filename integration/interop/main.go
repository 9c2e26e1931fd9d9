// A protoactor-go node that is told what to do on standard input, a line at a time,
// and says on standard output what happened to it.
package main

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/asynkron/protoactor-go/actor"
	"github.com/asynkron/protoactor-go/remote"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

const patience = 10 * time.Second

func say(format string, values ...any) {
	fmt.Printf(format+"\n", values...)
}

// echo answers texts, and counts what else it gets.
type echo struct {
	bytes, messages int64
}

func (e *echo) Receive(context actor.Context) {
	switch message := context.Message().(type) {
	case *wrapperspb.StringValue:
		e.answer(context, message.Value)
	case *wrapperspb.BytesValue:
		e.messages++
		e.bytes += int64(len(message.Value))
	case *actor.Stopped:
		say("stopped %s", context.Self().Id)
	}
}

func (e *echo) answer(context actor.Context, text string) {
	switch {
	case text == "count":
		context.Respond(wrapperspb.String(fmt.Sprintf("%d %d", e.messages, e.bytes)))
	case text == "timeout":
		header := context.MessageHeader().Get("protoactor-timeout-ms")
		context.Respond(wrapperspb.String(header))
	case context.Sender() != nil:
		context.Respond(wrapperspb.String("go:" + text))
	default:
		say("got %s", text)
	}
}

// watcher reports the end of what it was told to watch.
func watcher(context actor.Context) {
	switch message := context.Message().(type) {
	case *actor.PID:
		context.Watch(message)
		say("watching %s", message.Id)
	case *actor.Terminated:
		say("terminated %s %s", message.Who.Id, message.Why)
	}
}

type node struct {
	system  *actor.ActorSystem
	remote  *remote.Remote
	watcher *actor.PID
}

func start(port int) *node {
	system := actor.NewActorSystem()
	props := actor.PropsFromProducer(func() actor.Actor { return &echo{} })
	config := remote.Configure("127.0.0.1", port, remote.WithKinds(remote.NewKind("echo", props)))
	started := &node{system: system, remote: remote.NewRemote(system, config)}
	started.remote.Start()
	if _, err := system.Root.SpawnNamed(props, "echo"); err != nil {
		panic(err)
	}
	started.watcher, _ = system.Root.SpawnNamed(actor.PropsFromFunc(watcher), "watcher")
	system.EventStream.Subscribe(func(event any) {
		switch event := event.(type) {
		case *remote.EndpointConnectedEvent:
			say("connected %s", event.Address)
		case *remote.EndpointTerminatedEvent:
			say("disconnected %s", event.Address)
		}
	})
	return started
}

func (n *node) request(target *actor.PID, text string) {
	reply, err := n.system.Root.RequestFuture(target, wrapperspb.String(text), patience).Result()
	switch reply := reply.(type) {
	case *wrapperspb.StringValue:
		say("reply %s", reply.Value)
	default:
		say("reply %T %v", reply, err)
	}
}

func (n *node) spawn(address, kind string) {
	response, err := n.remote.Spawn(address, kind, patience)
	if err != nil {
		say("spawn failed %v", err)
		return
	}
	say("spawned %d %s", response.StatusCode, response.Pid.GetId())
}

func (n *node) flood(target *actor.PID, count, size int) {
	for range count {
		n.system.Root.Send(target, wrapperspb.Bytes(make([]byte, size)))
	}
	say("sent %d", count)
}

func (n *node) obey(words []string) {
	target := actor.NewPID(words[1], words[2])
	switch words[0] {
	case "send":
		n.system.Root.Send(target, wrapperspb.String(words[3]))
	case "request":
		go n.request(target, words[3])
	case "watch":
		n.system.Root.Send(n.watcher, target)
	case "spawn":
		go n.spawn(words[1], words[2])
	case "stop":
		n.system.Root.Stop(target)
	case "poison":
		n.system.Root.Poison(target)
	case "flood":
		count, _ := strconv.Atoi(words[3])
		size, _ := strconv.Atoi(words[4])
		n.flood(target, count, size)
	default:
		say("what is %s?", words[0])
	}
}

func main() {
	port, err := strconv.Atoi(os.Args[1])
	if err != nil {
		panic(err)
	}
	if os.Args[len(os.Args)-1] == "vectors" {
		vectors()
		return
	}
	here := start(port)
	say("ready %s", here.system.Address())
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		if len(words) == 1 && words[0] == "leave" {
			began := time.Now()
			here.remote.Shutdown(true)
			say("left %d", time.Since(began).Milliseconds())
			return
		}
		here.obey(words)
	}
}
