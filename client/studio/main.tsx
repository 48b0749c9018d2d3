/** Entry of the studio page. */
import { render } from 'preact'
import '../ui/base.css'
import { StudioPage } from './StudioPage.tsx'

const root = document.getElementById('app')
if (root) render(<StudioPage />, root)
