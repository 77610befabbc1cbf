import type { Checks, Naming } from '#core/broker/handlers.ts';
import type { MessageId, meshContract } from '#shared/contract/mesh/index.ts';
import type { Peers } from './peers.ts';
import type { Post } from './post.ts';
import type { Relays } from './relays.ts';
import type { Targets } from './targets.ts';

type Methods = typeof meshContract;

interface Parts {
  readonly relays: Relays;
  readonly targets: Targets;
  readonly post: Post;
}

/** What can be told to be wrong before anybody is asked. */
export function meshChecks({ relays, targets, post, peers }: Parts & { readonly peers: Peers }): Checks<Methods> {
  return {
    'mesh.addPeer': ({ endpoint }) => peers.mayAdd(endpoint),
    'mesh.removePeer': ({ endpoint }) => peers.mayRemove(endpoint),
    'mesh.forward': ({ target }) => void targets.address(target),
    'mesh.unforward': ({ forward }) => void relays.theForward(forward),
    'mesh.expose': ({ allow }) => void targets.keep(allow),
    'mesh.unexpose': ({ exposure }) => void relays.theExposure(exposure),
    'mesh.send'({ to, replyTo }) {
      targets.address(to);
      // An answer goes to whoever asked: they are whom the question must name.
      if (replyTo !== undefined) post.answered(replyTo, targets.addresses(to));
    },
    'mesh.deleteMessage': ({ id }) => void post.read(id),
    'mesh.setTopic'({ allow }) {
      if (allow.join() !== 'default') targets.keep(allow);
    },
  };
}

/** Forwards, offers and messages by what they are. */
export function meshNaming({ relays, targets, post }: Parts): Naming<Methods> {
  const who = targets.say;
  return {
    'mesh.unforward'({ forward }) {
      const { target, port, localPort } = relays.theForward(forward);
      return {
        forward: `of port ${port} of ${targets.show([target]).join() || targets.goneWords(target)} to port ${localPort}`,
      };
    },
    'mesh.unexpose'({ exposure }) {
      const { localPort, allow } = relays.theExposure(exposure);
      return { exposure: `port ${localPort} to ${targets.show(allow).join(', ')}` };
    },
    'mesh.send': ({ to }) => ({ to: who(to) }),
    'mesh.forward': ({ target }) => ({ target: who(target) }),
    'mesh.expose': ({ allow }) => ({ allow: allow.map(who) }),
    'mesh.setTopic': ({ allow }) => ({ allow: allow.map(who) }),
    'mesh.deleteMessage': ({ id }) => ({ id: messageName(post, id) }),
  };
}

function messageName(post: Post, id: MessageId): string {
  const { box, name, address } = post.read(id).message;
  return `${box === 'in' ? 'from' : 'to'} ${name ?? address}`;
}
