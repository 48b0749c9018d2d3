/** The name of the product, which leads home. */
import icon from './icon.svg'

export function Brand() {
  return (
    <a class="brand" href="/">
      <img src={icon} alt="" width="24" height="24" />
      Nearcast
    </a>
  )
}
