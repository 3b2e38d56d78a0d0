import { useShelf } from "../hooks/useShelf";
import { Poster } from "./Poster";
import { Search } from "./Search";
import { Shelf } from "./Shelf";
import { WriteOn } from "./WriteOn";

export function Desk() {
  const shelf = useShelf();
  return (
    <>
      <Shelf shelf={shelf} />
      <div className="tools">
        <WriteOn texts={shelf.documents.filter(({ kind }) => kind === "text")} />
        <Poster pictures={shelf.documents.filter(({ kind }) => kind === "picture")} />
        <Search />
      </div>
    </>
  );
}
