import type { BindingShare } from '../frontend/binding-share.ts';
import type { Binding } from '../model/binding.ts';
import type { PresenceService } from '../services/presence/presence-service.ts';
import type { BindingWriter } from '../services/registrar/binding-writer.ts';
import type { RegistrarListener } from '../services/registrar/registrar.ts';
import { homeSlot } from '../workers/flow-name.ts';
import type { WorkerPlace } from '../workers/worker-mesh.ts';

/** Who has to know what happens to bindings among several workers. */
export interface SharedBindingsParts {
  readonly place: WorkerPlace;
  readonly writer: BindingWriter;
  readonly presence: PresenceService;
  readonly share: BindingShare;
  isOwn(binding: Binding): boolean;
}

/**
 * Each worker writes what it holds itself and tells the others; presence is told at the user's home. What a dead worker had written is removed
 * by the first one.
 */
export function sharedBindings({ place, writer, presence, share, isOwn }: SharedBindingsParts): RegistrarListener {
  const isHome = (binding: Binding) => homeSlot(binding.aor, place.workers) === place.slot;
  return {
    onBound: binding => {
      if (isOwn(binding)) writer.bound(binding);
      share.bound(binding);
      if (isHome(binding)) presence.onBound(binding);
    },
    onUnbound: (binding, cause) => {
      if (isOwn(binding) || (cause === 'node-lost' && place.slot === 0)) writer.unbound(binding);
      share.unbound(binding, cause);
      if (isHome(binding)) presence.onUnbound(binding);
    },
  };
}
