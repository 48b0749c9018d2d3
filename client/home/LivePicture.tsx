/** The picture of a broadcast in a list: an empty screen until there is one, and where there never is. */
import { useEffect, useState } from 'preact/hooks'

/** `id` is null while there is nothing to be seen of the broadcast; `turn` grows with every look at the list, and asks for a newer picture. */
export function LivePicture({ id, turn }: { id: string | null; turn: number }) {
  const [failed, setFailed] = useState(false)
  // Each look at the list is another chance.
  useEffect(() => setFailed(false), [turn])
  return (
    <span class="live-picture">
      {id !== null && !failed && (
        <img
          src={`/hls/${id}/poster.jpg?t=${turn}`}
          alt=""
          width="160"
          height="90"
          loading="lazy"
          decoding="async"
          onError={() => setFailed(true)}
        />
      )}
    </span>
  )
}
